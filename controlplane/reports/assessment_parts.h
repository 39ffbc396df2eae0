#pragma once
#include <string_view>

#include "controlplane/reports/source.h"

// The parts of the assessment that have files of their own.
namespace wardline::reports {

// device_id, what, n, at: of findings and of detections (make_detections()) alike; ?1 is the time since when. Only
// kinds and counts are asked for: what was said in clear text is nowhere kept.
inline constexpr std::string_view kClearText =
    "SELECT device_id, kind AS what, count AS n, last_seen AS at FROM finding WHERE kind='unencrypted_phi' "
    "AND last_seen>=?1 UNION ALL "
    "SELECT device_id, signature, 1, time FROM detection WHERE signature LIKE 'clear-text-%'";

Table requirements(Source& source);  // paragraphs, and what is shown for each
Table tests(Source& source);         // of the segmentation

}  // namespace wardline::reports
