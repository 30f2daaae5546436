#include <toolkit/store/store.hpp>

namespace toolkit::store {

Result<std::string> Store::read_link(const std::string& key) {
  return fail(ErrorKind::failed, "cannot read " + name_of(key) + ": no symbolic links here");
}

Result<bool> Store::proves(const Entry& /*there*/, Content& /*content*/) { return false; }

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

std::vector<Result<std::unique_ptr<Content>>> Store::open_many(std::span<const std::string> keys) {
  std::vector<Result<std::unique_ptr<Content>>> results;
  results.reserve(keys.size());
  for (const std::string& key : keys) {
    results.push_back(open(key, false));
  }
  return results;
}

std::vector<Result<void>> Store::append_many(std::span<const Tail> tails, Flow& flow) {
  std::vector<Result<void>> results;
  results.reserve(tails.size());
  for (const Tail& tail : tails) {
    std::string memo;
    results.push_back(append(tail.target, tail.offset, *tail.content, flow, memo));
  }
  return results;
}

}  // namespace toolkit::store
