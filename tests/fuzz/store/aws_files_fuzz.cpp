// Any bytes as a file of profiles: settings, or an error that names the line. The first byte
// chooses which of the two files it is.
#include <src/store/aws_files.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  AwsFiles files;
  const auto which = (data[0] & 1) != 0 ? AwsFile::config : AwsFile::credentials;
  const auto result = parse_aws_file(text, which, "f", files);
  if (!result && !result.error().message.starts_with("f:")) {
    std::abort();
  }
  for (const auto& [name, section] : files.profiles) {
    for (const auto& [setting, value] : section) {
      const std::string* found = files.find(name, setting);
      if (value.empty() ? found != nullptr : found == nullptr || *found != value) {
        std::abort();
      }
    }
  }
  return 0;
}
