// Any bytes are an error or a capture that is written and read back as the same text, judged with
// one primary finding or none, and redacted without end.
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/facts_json.hpp>
#include <toolkit/gpu/inventory.hpp>
#include <toolkit/gpu/redact.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolkit;
  auto facts = gpu::facts_from_json({reinterpret_cast<const char*>(data), size});
  if (!facts) {
    return 0;
  }
  const std::string text = gpu::to_json(*facts);
  const auto again = gpu::facts_from_json(text);
  if (!again || gpu::to_json(*again) != text) {
    std::abort();
  }
  (void)gpu::take_inventory(*facts);
  const diagnosis::Expectations expect;
  const auto verdict = diagnosis::diagnose(diagnosis::all_rules(), {*facts, expect});
  if (std::ranges::count(verdict.findings, true, &diagnosis::Finding::primary) > 1) {
    std::abort();
  }
  (void)one_line(verdict);
  gpu::redact(*facts, {"host"});
  return 0;
}
