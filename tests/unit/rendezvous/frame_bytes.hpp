#pragma once
// Numbers and values as they stand in answers.

#include <src/rendezvous/frame.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::rendezvous {

inline std::string number(std::int64_t value) {
  std::string bytes;
  append_number(bytes, value);
  return bytes;
}

inline std::string value(std::string_view text) {
  std::string bytes;
  append_value(bytes, text);
  return bytes;
}

}  // namespace toolkit::rendezvous
