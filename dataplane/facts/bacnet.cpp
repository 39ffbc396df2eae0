#include <cstdint>
#include <string_view>

#include "dataplane/facts/readers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

using packet::Cursor;
using Access = std::string_view;
constexpr Access kRead = "read", kWrite = "write", kControl = "control";
constexpr Access kNothing = "";  // an answer: it asks for nothing

// ASHRAE 135, 21: BACnetConfirmedServiceChoice. What is not known may do anything.
Access confirmed(std::uint8_t service) {
  switch (service) {
    case 1:   // confirmed COV notification
    case 2:   // confirmed event notification
    case 3:   // get alarm summary
    case 4:   // get enrollment summary
    case 5:   // subscribe COV
    case 6:   // atomic read file
    case 12:  // read property
    case 13:  // read property conditional
    case 14:  // read property multiple
    case 26:  // read range
    case 28:  // subscribe COV property
    case 29:  // get event information
    case 30:  // subscribe COV property multiple
    case 31:  // confirmed COV notification multiple
      return kRead;
    case 0:   // acknowledge alarm
    case 7:   // atomic write file
    case 8:   // add list element
    case 9:   // remove list element
    case 10:  // create object
    case 11:  // delete object
    case 15:  // write property
    case 16:  // write property multiple
    case 19:  // confirmed text message
      return kWrite;
    default:  // device communication control (17), private transfer (18), reinitialize device (20), life safety (27)
              // ...
      return kControl;
  }
}

// BACnetUnconfirmedServiceChoice.
Access unconfirmed(std::uint8_t service) {
  switch (service) {
    case 0:   // I-Am
    case 1:   // I-Have
    case 2:   // COV notification
    case 3:   // event notification
    case 7:   // Who-Has
    case 8:   // Who-Is
    case 11:  // COV notification multiple
      return kRead;
    case 5:   // text message
    case 6:   // time synchronization
    case 9:   // UTC time synchronization
    case 10:  // write group
      return kWrite;
    default:  // private transfer (4) ...
      return kControl;
  }
}

// Network layer messages (6.4): those that only ask or tell where networks are.
Access network_message(std::uint8_t type) {
  switch (type) {
    case 0x00:  // Who-Is-Router-To-Network
    case 0x01:  // I-Am-Router-To-Network
    case 0x02:  // I-Could-Be-Router-To-Network
    case 0x03:  // Reject-Message-To-Network
    case 0x12:  // What-Is-Network-Number
    case 0x13:  // Network-Number-Is
      return kRead;
    default:
      return kControl;
  }
}

// Clause 20.1.2: the type of PDU is in the high half of the first byte.
Access application(Cursor apdu) {
  const auto first = apdu.u8();
  switch (first >> 4) {
    case 0: {                                 // confirmed request
      apdu.skip(2);                           // sizes, invoke id
      if ((first & 0x08) != 0) apdu.skip(2);  // segmented: sequence number, window
      const auto service = apdu.u8();
      return apdu.failed() ? kControl : confirmed(service);
    }
    case 1: {  // unconfirmed request
      const auto service = apdu.u8();
      return apdu.failed() ? kControl : unconfirmed(service);
    }
    case 2:  // simple ACK
    case 3:  // complex ACK
    case 4:  // segment ACK
    case 5:  // error
    case 6:  // reject
    case 7:  // abort
      return kNothing;
    default:
      return kControl;
  }
}

// Clause 6.2: version, control, then the addresses that control announces.
Access network(Cursor npdu) {
  const auto version = npdu.u8();
  const auto control = npdu.u8();
  const auto skip_address = [&npdu] {
    npdu.skip(2);
    npdu.skip(npdu.u8());
  };
  if ((control & 0x20) != 0) skip_address();
  if ((control & 0x08) != 0) skip_address();
  if ((control & 0x20) != 0) npdu.skip(1);  // hop count
  if (npdu.failed() || version != 1 || npdu.left() == 0) return kControl;
  return (control & 0x80) != 0 ? network_message(npdu.u8()) : application(npdu);
}

// Annex J.2: type 0x81, function, length, and what the function carries.
Access link(Cursor bvlc) {
  const auto head = bvlc.take<4>();
  if (bvlc.failed() || head.u8<0>() != 0x81) return kControl;
  switch (head.u8<1>()) {
    case 0x00:  // result
    case 0x03:  // answer to read broadcast distribution table
    case 0x07:  // answer to read foreign device table
      return kNothing;
    case 0x02:  // read broadcast distribution table
    case 0x06:  // read foreign device table
      return kRead;
    case 0x04:  // forwarded NPDU, behind the address of its origin
      bvlc.skip(6);
      return network(bvlc);
    case 0x09:  // distribute broadcast to network
    case 0x0a:  // original unicast NPDU
    case 0x0b:  // original broadcast NPDU
      return network(bvlc);
    default:  // write tables (1), register (5), delete foreign device (8), secured (12)
      return kControl;
  }
}

}  // namespace

void read_bacnet(std::span<const std::byte> bytes, bool /*from_client*/, FactSet& facts) {
  if (const Access access = link(Cursor(bytes)); access != kNothing) facts.add(Fact::kBacnetAccess, access);
}

}  // namespace wardline::facts
