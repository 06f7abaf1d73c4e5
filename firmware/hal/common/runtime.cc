// Functions that the C and C++ libraries need from their environment. There is no heap here: if
// anything allocated, linking would fail without _sbrk.

#include <cstddef>

extern "C" [[noreturn]] void abort() {
  __builtin_trap();  // an undefined instruction: a fault that reports where
}

// A class with a virtual destructor has a variant that also deletes, whether or not anyone does.
void operator delete(void*) noexcept { abort(); }
void operator delete(void*, std::size_t) noexcept { abort(); }

// Called through the vtable of an object that is still or no longer abstract.
extern "C" void __cxa_pure_virtual() { abort(); }
