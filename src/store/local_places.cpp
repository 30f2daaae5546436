#include "local_places.hpp"

namespace toolkit::store {

OrErrno<SharedFd> LocalPlaces::directory_of(const std::string& key, const Open& open) {
  const std::string directory = parent_of(key);
  if (const auto known = places_.find(directory); known != places_.end()) {
    return known->second;
  }
  auto opened = open(key);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  auto place = std::make_shared<const UniqueFd>(std::move(*opened));
  places_.emplace(directory, place);
  return place;
}

}  // namespace toolkit::store
