savedcmd_fs/rust.o := RUST_MODFILE=fs/rust rustc --emit=obj=fs/rust.o fs/rust.rs
