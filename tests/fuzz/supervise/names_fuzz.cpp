// A template is expanded or refused with words; the name made from any command is a job name.
#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <src/supervise/names.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const environment::Snapshot environment(nullptr);
  const auto expanded = supervise::expand_template(text, {"job", environment});
  if (!expanded && expanded.error().message.empty()) {
    std::abort();
  }
  std::vector<std::string> argv;
  for (const std::string_view word : split(text, '\0')) {
    argv.emplace_back(word);
  }
  if (!job::check_name(supervise::name_of_command(argv))) {
    std::abort();
  }
  return 0;
}
