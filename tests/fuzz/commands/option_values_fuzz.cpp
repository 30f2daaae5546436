// The first byte picks an option of the first command, the rest is its value: it is taken, or
// refused with words. A duration that is printed must be read back as the same.
#include <toolkit/base/duration.hpp>
#include <toolkit/cli/command.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolkit;
  if (size == 0) {
    return 0;
  }
  const std::string_view value(reinterpret_cast<const char*>(data + 1), size - 1);
  const cli::Command& command = cli::all_commands().front();
  const std::shared_ptr<void> options = command.make_options();
  const auto taken = command.options[data[0] % command.options.size()].assign(options.get(), value);
  if (!taken && taken.error().message.empty()) {
    std::abort();
  }
  if (const auto duration = parse_duration(value)) {
    const auto again = parse_duration(format_duration(*duration));
    if (!again || *again != *duration) {
      std::abort();
    }
  }
  return 0;
}
