// Any text as apt's and dpkg's logs: events with all that a report prints of them.
#include "../../../src/gpu/driver/history.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (auto* const parse : {&toolkit::gpu::parse_dpkg_log, &toolkit::gpu::parse_apt_history}) {
    for (const auto& event : parse(text, "log")) {
      if (event.package.empty() || event.action.empty() || !event.source.starts_with("log:")) {
        std::abort();
      }
    }
  }
  return 0;
}
