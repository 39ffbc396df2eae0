#pragma once
#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/runtime/quiet/quiet_lane.h"
#include "tests/unit/dataplane/work/rig.h"

// Each function drives the worker through one part of what it does. Nothing is asserted of the verdicts (that is the
// worker's own tests' part), only that the part was reached.
namespace wardline::test {

PolicyWords quiet_policy();     // with every detector, facts of flows and of messages, deep inspection, rejects
WorkerOptions quiet_options();  // small tables, so that each of them becomes full
void add_devices(QuietLane& lane);

void frames_without_flow(QuietLane& lane);
void datagrams(QuietLane& lane, int round);
void connections(QuietLane& lane, int round);
void messages(QuietLane& lane, int round);
void long_streams(QuietLane& lane, int round);
void fragments(QuietLane& lane, int round);
void announcements(QuietLane& lane, int round);
void hostile(QuietLane& lane, int round);
void more_flows_than_places(QuietLane& lane, int round);

}  // namespace wardline::test
