// SPDX-License-Identifier: LGPL-2.1-or-later
//! What rustc's DWARF has that C's has not: namespaces, linkage names, enumerations with
//! data (variant parts), tuples, slices, generic types, zero-sized types, closures.
#![crate_type = "lib"]
#![allow(dead_code, improper_ctypes_definitions, missing_docs)]

pub mod shapes {
    pub struct Point {
        pub x: i32,
        pub y: i64,
        pub z: u8,
    }
    #[repr(C)]
    pub struct Same {
        pub a: u8,
        pub b: u64,
    }
    pub enum Plain {
        A,
        B = 7,
        C,
    }
    pub enum Data {
        Empty,
        Tuple(u8, u32),
        Named { p: Point, q: &'static str },
        Boxed(&'static Data),
    }
    pub struct Unit;
    pub struct Generic<T, const N: usize> {
        pub t: T,
        pub many: [T; N],
    }
    impl Point {
        #[inline(never)]
        pub fn method(&self, by: i32) -> i64 {
            self.y + by as i64
        }
    }
    pub trait Area {
        fn area(&self) -> u64;
    }
    impl Area for Point {
        #[inline(never)]
        fn area(&self) -> u64 {
            self.z as u64
        }
    }
}
use shapes::*;

#[no_mangle]
pub static mut COUNTER: u32 = 5;
#[no_mangle]
pub static TABLE: [Plain; 3] = [Plain::A, Plain::B, Plain::C];

#[no_mangle]
pub extern "C" fn c_function(p: &Point, same: *mut Same, flag: bool) -> i64 {
    if flag { p.y } else { unsafe { (*same).b as i64 } }
}
#[no_mangle]
pub fn options(a: Option<&'static Point>, b: Option<u32>, c: Result<u8, core::num::ParseIntError>) -> bool {
    a.is_some() && b.is_some() && c.is_ok()
}
#[no_mangle]
pub fn data(d: &Data, plain: Plain) -> u32 {
    match d {
        Data::Tuple(_, n) => *n + plain as u32,
        _ => 0,
    }
}
#[no_mangle]
pub fn slices(s: &[u16], text: &str, t: (u8, char, ()), u: Unit) -> usize {
    let _ = u;
    s.len() + text.len() + t.0 as usize
}
#[no_mangle]
pub fn generic(g: &Generic<Point, 3>, h: &Generic<u8, 2>) -> i64 {
    g.t.y + h.many[1] as i64
}
#[no_mangle]
pub fn dynamic(a: &dyn Area, f: fn(u8, &Point) -> i32, wide: u128) -> u64 {
    a.area() + wide as u64 + f as usize as u64
}
pub fn mangled(p: Point) -> Option<Plain> {
    if p.method(1) > 2 && p.area() > 1 { Some(Plain::A) } else { None }
}
