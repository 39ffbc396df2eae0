#pragma once
#include <cstdint>

namespace wardline {

// Small numbers that stand for names. Class and segment numbers are given out by the control plane's registry, never
// reused while the slot region lives, so that device slots keep their meaning over a reload and a restart.
using SegmentId = std::uint16_t;  // 0 = `unknown`: no listed segment has these tags
using ClassId = std::uint16_t;    // 12 bits; 0 = `unidentified`
using AppId = std::uint16_t;      // 0 = not known; see Snapshot::apps
using SlotId = std::uint32_t;     // 24 bits
using RuleId = std::uint32_t;     // index into Snapshot::rules and the policy's table of names
using SignatureId = std::uint16_t;

inline constexpr SegmentId kUnknownSegment = 0;
inline constexpr ClassId kUnidentifiedClass = 0;
inline constexpr ClassId kNoClass = 0xfff;
inline constexpr AppId kNoApp = 0;
inline constexpr SlotId kNoSlot = 0xffffff;
inline constexpr RuleId kNoRule = 0xffffffff;
inline constexpr SignatureId kNoSignature = 0xffff;

inline constexpr std::uint32_t kMaxSegments = 4096;
inline constexpr std::uint32_t kMaxClasses = 4095;  // 0xfff is "no class"

}  // namespace wardline
