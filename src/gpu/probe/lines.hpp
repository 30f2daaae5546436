#pragma once
// What a probe says, line by line, into the facts. A probe runs code of others' in its process: any
// bytes may come, in any number; what is not understood is passed over.

#include <toolkit/gpu/facts.hpp>

#include <string>
#include <string_view>

namespace toolkit::gpu {

class LineReader {
 public:
  explicit LineReader(Facts& facts) : facts_(&facts) {}
  void feed(std::string_view bytes);

  [[nodiscard]] const std::string& phase() const { return phase_; }
  [[nodiscard]] bool ended() const { return ended_; }  // it said that it was through

 private:
  void take(std::string_view line);
  Facts* facts_;
  std::string part_;  // of a line whose end has not come
  std::string phase_;
  std::size_t total_ = 0;
  bool ended_ = false;
};

}  // namespace toolkit::gpu
