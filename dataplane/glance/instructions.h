#pragma once
// What follows an AVX2_BEGIN is compiled for those instructions, up to the END; what stands in headers before it is
// not, so that no inline function of this program comes to be compiled for a processor that the machine may lack.
// clang-format off
#ifdef __clang__
#define WARDLINE_AVX2_BEGIN _Pragma("clang attribute push(__attribute__((target(\"avx2,bmi,bmi2\"))), apply_to = function)")
#define WARDLINE_AVX512_BEGIN _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2\"))), apply_to = function)")
#define WARDLINE_INSTRUCTIONS_END _Pragma("clang attribute pop")
#else
#define WARDLINE_AVX2_BEGIN _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,bmi,bmi2\")")
// GCC 12 takes the registers that its own header leaves undefined for a mistake (GCC bug 105593).
#define WARDLINE_AVX512_BEGIN _Pragma("GCC push_options") _Pragma("GCC target(\"avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2\")") _Pragma("GCC diagnostic ignored \"-Wmaybe-uninitialized\"")
#define WARDLINE_INSTRUCTIONS_END _Pragma("GCC pop_options")
#endif
// clang-format on
