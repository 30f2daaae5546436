#include "local_store.hpp"
#include "s3_store.hpp"
#include "sftp_store.hpp"

#include <toolkit/store/open_store.hpp>

namespace toolkit::store {

Result<std::unique_ptr<Store>> open_store(const Location& location, const Settings& settings) {
  switch (location.kind) {
    case Location::Kind::local:
      return std::make_unique<LocalStore>(LocalTree(location.path));
    case Location::Kind::sftp:
      return open_sftp_store(location, settings);
    case Location::Kind::s3:
      return open_s3_store(location, settings);
  }
  return fail(ErrorKind::internal, "a kind of place that is none");
}

}  // namespace toolkit::store
