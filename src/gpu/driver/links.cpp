#include "links.hpp"

#include <toolkit/base/text.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <deque>

namespace toolkit::gpu {
namespace {

constexpr int kMostLinks = 40;  // as the kernel

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

Followed follow(const std::string& root, const std::string& path) {
  Followed found;
  found.steps.push_back(path);
  std::deque<std::string> rest;
  const auto put_first = [&rest](std::string_view text) {
    const auto parts = split(text, '/');
    rest.insert(rest.begin(), parts.begin(), parts.end());
  };
  put_first(path);
  for (int links = 0; !rest.empty();) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    if (name == "..") {
      found.path = directory_of(found.path);
    }
    if (name.empty() || name == "." || name == "..") {
      continue;
    }
    char target[4096];
    const std::string here = found.path + "/" + name;
    const ssize_t size = ::readlink((root + here).c_str(), target, sizeof target);
    if (size <= 0) {
      found.path = here;
      continue;
    }
    if (++links > kMostLinks) {
      return found;
    }
    const std::string text(target, static_cast<std::size_t>(size));
    if (rest.empty()) {
      found.steps.push_back(text.starts_with('/') ? text : found.path + "/" + text);
    }
    found.path = text.starts_with('/') ? "" : found.path;
    put_first(text);
  }
  struct stat status {};
  found.exists = ::stat((root + found.path).c_str(), &status) == 0;
  return found;
}

std::string chain_of(const Followed& followed) {
  std::string chain, last;
  for (const std::string& step : followed.steps) {
    const std::string directory = directory_of(step);
    chain += chain.empty() ? "" : " -> ";
    chain += !last.empty() && directory == last ? step.substr(directory.size() + 1) : step;
    last = directory;
  }
  return chain;
}

}  // namespace toolkit::gpu
