#include <toolkit/store/store.hpp>

namespace toolkit::store {

Result<std::string> Store::read_link(const std::string& key) {
  return fail(ErrorKind::failed, "cannot read " + name_of(key) + ": no symbolic links here");
}

std::vector<Result<void>> Store::put_many(std::span<const Target> targets,
                                          std::span<Content* const> contents, Flow& flow) {
  std::vector<Result<void>> results;
  results.reserve(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::string memo;
    results.push_back(put(targets[i], *contents[i], flow, memo));
  }
  return results;
}

}  // namespace toolkit::store
