#include "xid_classes.hpp"

#include <algorithm>
#include <array>

// NVIDIA's Xid catalogue as of release r-late-2025, condensed to what is to be done. Tools do not
// agree on all of them; where that is so the row says it.

namespace toolkit::diagnosis {
namespace {

using enum XidClass;

constexpr std::array<XidRow, 96> kRows{{
    {13, application, "graphics engine exception", ""},
    {14, secondary, "", ""},
    {31, application, "memory page fault", ""},
    {32, application, "", ""},
    {37, secondary, "", ""},
    {38, secondary, "", ""},
    {39, application, "", ""},
    {40, application, "", ""},
    {41, application, "", ""},
    {43, application, "the GPU stopped a program's channel", ""},
    {44, secondary, "", ""},
    {45, secondary, "a channel was torn down", ""},
    {46, reset, "", ""},
    {48, reset, "double-bit memory error", ""},
    {54, mechanical, "auxiliary power is not connected", ""},
    {60, application, "", ""},
    {62, reset, "micro-controller halt", ""},
    {63, secondary, "a page or row is to be retired", "Azure's checks fail on it"},
    {64, reset, "a page or row could not be retired", "some replace the GPU at once"},
    {66, secondary, "", ""},
    {67, secondary, "", ""},
    {68, application, "", "NVIDIA's device plugin ignores it, Azure's checks fail on it"},
    {69, application, "", "Azure's checks fail on it"},
    {70, application, "", ""},
    {71, application, "", ""},
    {72, application, "", ""},
    {74, reset, "NVLink error", ""},
    {75, application, "", ""},
    {76, application, "", ""},
    {77, application, "", ""},
    {78, software, "", ""},
    {79, reboot, "the GPU has fallen off the bus", ""},
    {80, application, "", "Azure's checks fail on it"},
    {82, application, "", ""},
    {83, application, "", ""},
    {84, application, "", ""},
    {85, application, "", ""},
    {86, application, "", ""},
    {88, application, "", ""},
    {89, application, "", ""},
    {92, wear, "many corrected memory errors", "Azure's checks fail on it"},
    {93, wear, "", ""},
    {94, contained, "contained memory error", "DCGM fails on it"},
    {95, reset, "uncontained memory error", ""},
    {96, application, "", ""},
    {97, application, "", ""},
    {98, application, "", ""},
    {99, application, "", ""},
    {100, application, "", ""},
    {101, application, "", ""},
    {102, application, "", ""},
    {103, application, "", ""},
    {104, application, "", ""},
    {105, application, "", ""},
    {109, reset, "context switch timeout", "NVIDIA's device plugin ignores it"},
    {110, reset, "", ""},
    {119, reset, "the GSP does not answer", ""},
    {120, reset, "GSP error", ""},
    {121, secondary, "", ""},
    {126, application, "", ""},
    {127, application, "", ""},
    {128, application, "", ""},
    {129, application, "", ""},
    {130, application, "", ""},
    {131, application, "", ""},
    {132, application, "", ""},
    {133, application, "", ""},
    {134, application, "", ""},
    {135, application, "", ""},
    {136, reset, "", ""},
    {137, secondary, "", ""},
    {139, application, "", ""},
    {140, reset, "unrecovered memory error", ""},
    {141, secondary, "", ""},
    {143, reset, "", ""},
    {144, reset, "", ""},
    {145, reset, "", ""},
    {146, reset, "", ""},
    {147, reset, "", ""},
    {148, reset, "", ""},
    {149, reset, "", ""},
    {150, reset, "", ""},
    {151, reboot, "", ""},
    {154, secondary, "the driver says what recovery it needs", ""},
    {155, reset, "", ""},
    {156, reset, "", ""},
    {157, replace, "no spare row is left", ""},
    {158, software, "", ""},
    {162, wear, "", ""},
    {163, wear, "", ""},
    {164, wear, "", ""},
    {165, wear, "", ""},
    {167, software, "", ""},
    {168, software, "", ""},
    {169, software, "", ""},
    {170, software, "", ""},
}};

}  // namespace

const XidRow* find_xid(int code) {
  const auto it = std::ranges::lower_bound(kRows, code, {}, &XidRow::code);
  return it != kRows.end() && it->code == code ? &*it : nullptr;
}

std::span<const XidRow> xid_rows() { return kRows; }

}  // namespace toolkit::diagnosis
