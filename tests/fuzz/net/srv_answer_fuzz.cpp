// Any bytes as a name server's answer: records, or nothing.
#include <src/net/srv_answer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = toolkit::net::parse_srv_answer({data, size});
  for (const auto& address : found.value_or(std::vector<toolkit::net::Address>{})) {
    if ((address.size == 0) != address.text().empty()) {
      std::abort();
    }
  }
  return 0;
}
