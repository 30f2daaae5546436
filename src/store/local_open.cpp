#include "local_content.hpp"
#include "local_places.hpp"
#include "local_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace toolkit::store {

Result<std::unique_ptr<Content>> LocalStore::open(const std::string& key, bool follow) {
  return content_of(key, tree_.open_regular(key, follow));
}

// The listing has looked at each before it is opened, as open() does.
std::vector<Result<std::unique_ptr<Content>>> LocalStore::open_many(
    std::span<const std::string> keys) {
  std::vector<Result<std::unique_ptr<Content>>> results;
  results.reserve(keys.size());
  LocalPlaces places;
  for (const std::string& key : keys) {
    const auto place =
        places.directory_of(key, [this](const std::string& file) { return tree_.parent_of(file); });
    results.push_back(content_of(key, place ? open_at((*place)->get(), last_of(key), kToRead)
                                            : tl::unexpected(place.error())));
  }
  return results;
}

Result<std::unique_ptr<Content>> LocalStore::content_of(const std::string& key,
                                                        OrErrno<UniqueFd> fd) const {
  struct stat status {};
  int error = fd ? 0 : fd.error();
  if (error == 0 && ::fstat(fd->get(), &status) != 0) {
    error = errno;
  }
  if (error == kNotRegular || (error == 0 && !S_ISREG(status.st_mode))) {
    return fail(ErrorKind::failed, "cannot read " + name_of(key) + ": not a regular file");
  }
  if (error != 0) {
    return cannot_read(key, error);
  }
  return std::make_unique<LocalContent>(std::move(*fd), name_of(key),
                                        entry_of(last_of(key), status));
}

}  // namespace toolkit::store
