#include <immintrin.h>

#include "dataplane/glance/instructions.h"
#include "dataplane/glance/place.h"

WARDLINE_AVX512_BEGIN

#include "dataplane/glance/lanes_avx512.h"
#include "dataplane/glance/look_lanes.h"

namespace wardline::glance {

void look_avx512(std::span<const Frame> frames, const Look& how, Burst& burst) {
  look_in_lanes<Lanes8>(frames, how, burst);
}

}  // namespace wardline::glance

WARDLINE_INSTRUCTIONS_END
