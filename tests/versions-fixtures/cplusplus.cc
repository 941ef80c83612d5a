// SPDX-License-Identifier: LGPL-2.1-or-later
// No kernel is written in it, but DWARF's words for it may come: references, classes,
// namespaces, templates, member functions.
namespace outer {
namespace inner {
struct point { int x, y; };
enum class kind : unsigned char { none, some = 200 };
}
namespace {
struct hidden { int h; };
}
class shape {
public:
	int number;
	int area(inner::point &p) const { return number + p.x; }
	struct part { long size; };
	enum mode { fast, slow };
protected:
	part p;
private:
	mode m;
	static int count;
};
template <typename T> struct box { T content; T *more; };
}

extern "C" {
outer::inner::point a_point;
outer::shape a_shape;
outer::box<outer::inner::point> a_box;
outer::box<int> int_box;
outer::inner::kind a_kind;
outer::hidden *a_hidden;
int reference(outer::inner::point &p, outer::shape::part &&q, const outer::box<int> &r)
{
	return p.x + q.size + r.content;
}
decltype(nullptr) null_pointer;
}
namespace outer { namespace inner { int mangled(point p) { return p.x; } } }
