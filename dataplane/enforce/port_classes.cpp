#include "dataplane/enforce/port_classes.h"

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {

PortClasses::PortClasses(std::span<const PortRange> ranges) : class_of_(0x1'0000) {
  for (const auto& range : ranges) {  // marks where a class begins
    class_of_[range.low] = 1;
    if (range.high != 0xffff) class_of_[range.high + 1U] = 1;
  }
  class_of_[0] = 0;
  for (std::size_t port = 1; port < class_of_.size(); ++port)
    class_of_[port] = static_cast<std::uint16_t>(class_of_[port] + class_of_[port - 1]);
}

}  // namespace wardline::enforce
