#pragma once
// What an Xid, NVIDIA's number of an error in the kernel log, asks for. Data: a new code is a new
// row.

#include <span>
#include <string_view>

namespace toolkit::diagnosis {

enum class XidClass {
  application,  // a program's fault; the GPU is fine
  secondary,    // follows from another
  contained,    // a memory error that was kept to one program
  wear,         // becomes worse in time
  reset,        // the GPU needs a reset
  reboot,       // the node needs a reboot or a power cycle
  mechanical,   // power or cable
  replace,      // the hardware is used up
  software,     // driver and firmware do not fit
};

struct XidRow {
  int code;
  XidClass group;
  std::string_view meaning;  // "" where the catalogue's text adds nothing to the class
  std::string_view others;   // what other tools make of it, where they do not agree
};

/// The row of a code, or null: a code that is not in the catalogue.
[[nodiscard]] const XidRow* find_xid(int code);
[[nodiscard]] std::span<const XidRow> xid_rows();

}  // namespace toolkit::diagnosis
