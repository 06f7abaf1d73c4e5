// Functions that the C++ headers call out of line. This toolchain has the headers, but no library.

#include <cstdlib>

namespace std {

// string_view::substr() and similar calls past the end: there are no exceptions here.
[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) { abort(); }

}  // namespace std
