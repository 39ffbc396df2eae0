#include <immintrin.h>

#include "dataplane/glance/instructions.h"
#include "dataplane/glance/place.h"

WARDLINE_AVX2_BEGIN

#include "dataplane/glance/lanes_avx2.h"
#include "dataplane/glance/look_lanes.h"

namespace wardline::glance {

void look_avx2(std::span<const Frame> frames, const Look& how, Burst& burst) {
  look_in_lanes<Lanes4>(frames, how, burst);
}

}  // namespace wardline::glance

WARDLINE_INSTRUCTIONS_END
