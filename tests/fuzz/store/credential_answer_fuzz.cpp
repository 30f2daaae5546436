// Any bytes as the answer of a metadata service, of a program or of STS: whole keys that fit into a
// field, or an error. Times too.
#include <src/store/credential_answer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit;

namespace {

void judge(const Result<store::S3Credentials>& made) {
  const bool good = made ? !made->access_key.empty() && !made->secret_key.empty() &&
                               made->session_token.find_first_of("\r\n") == std::string::npos
                         : made.error().message.starts_with("f: ");
  if (!good) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  judge(store::parse_credentials_json(text, "f"));
  judge(store::parse_credentials_xml(text, "f"));
  (void)store::parse_rfc3339(text);
  return 0;
}
