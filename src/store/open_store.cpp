#include "local_store.hpp"
#include "sftp_store.hpp"

#include <toolkit/store/open_store.hpp>

namespace toolkit::store {
namespace {

Failure not_built_in(std::string_view kind) {
  return fail(ErrorKind::usage, std::string(kind) + " places are not built in yet");
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const Location& location, const Settings& settings) {
  switch (location.kind) {
    case Location::Kind::local:
      return std::make_unique<LocalStore>(LocalTree(location.path));
    case Location::Kind::sftp:
      return open_sftp_store(location, settings);
    case Location::Kind::s3:
      return not_built_in("s3");
  }
  return not_built_in("such");
}

}  // namespace toolkit::store
