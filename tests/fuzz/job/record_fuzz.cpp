// Any bytes are an error or a record that is written and read back as the same text.
#include <toolkit/job/record.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = toolkit::job::parse_record({reinterpret_cast<const char*>(data), size});
  if (record) {
    const std::string text = toolkit::job::to_json(*record);
    const auto again = toolkit::job::parse_record(text);
    if (!again || toolkit::job::to_json(*again) != text) {
      std::abort();
    }
  }
  return 0;
}
