// What the C and C++ libraries ask of their environment. There is no heap here: the linker would
// miss _sbrk if anything allocated.

#include <cstddef>

extern "C" [[noreturn]] void abort() {
  __builtin_trap();  // an undefined instruction: a fault that reports where
}

// A class with a virtual destructor has a variant that also deletes, whether or not anyone does.
void operator delete(void*) noexcept { abort(); }
void operator delete(void*, std::size_t) noexcept { abort(); }

// Called through the vtable of an object that is still or no longer abstract.
extern "C" void __cxa_pure_virtual() { abort(); }
