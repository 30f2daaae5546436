#pragma once
// A report between two processes of one program, both of the same executable.

#include <toolkit/waiting/waiter.hpp>

#include <optional>
#include <string>

namespace toolkit::waiting {

struct Message {
  bool last = false;  // the wait is over; else it is where it stands
  Report report;
};

/// The bytes of one message, with their number before them.
[[nodiscard]] std::string pack(const Message& message);
/// Takes the first message off the bytes that have come; nothing while it is not whole.
[[nodiscard]] std::optional<Message> unpack(std::string& inbox);

}  // namespace toolkit::waiting
