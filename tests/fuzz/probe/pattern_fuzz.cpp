// A pattern, a newline, and a line: any bytes are a fault inside the pattern or an answer, and what
// is found before more may follow is found at the end as well.
#include <src/probe/pattern.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using toolkit::probe::Pattern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  const auto pattern = Pattern::compile(text.substr(0, end));
  if (!pattern) {
    if (pattern.error().message.empty() || pattern.error().offset > text.size()) {
      std::abort();
    }
    return 0;
  }
  const std::string_view line = text.substr(std::min(end, text.size()));
  if (pattern->found_in(line, false) && !pattern->found_in(line, true)) {
    std::abort();
  }
  (void)pattern->found_in_lines(line);
  return 0;
}
