#pragma once
// The last bytes of a stream, in a ring that is allocated when the first byte comes.

#include <cstddef>
#include <string>
#include <string_view>

namespace toolkit::output {

class Tail {
 public:
  explicit Tail(std::size_t capacity) : capacity_(capacity) {}

  void append(std::string_view bytes);
  [[nodiscard]] std::string bytes() const;

 private:
  std::size_t capacity_;
  std::size_t at_ = 0;  // where the next byte goes once the ring is full
  std::string ring_;
};

}  // namespace toolkit::output
