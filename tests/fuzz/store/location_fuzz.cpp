#include <toolkit/store/location.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto location = toolkit::store::parse_location(text);
  using Kind = toolkit::store::Location::Kind;
  if (location && ((location->kind == Kind::sftp && location->host.empty()) ||
                   (location->kind == Kind::s3 && location->bucket.empty()) ||
                   location->path.find('\0') != std::string::npos)) {
    std::abort();
  }
  return 0;
}
