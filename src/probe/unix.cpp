// unix:PATH [banner~REGEX]: somebody listens at that socket; @NAME is an abstract one, unix(7).
#include "connecting.hpp"
#include "path_first.hpp"
#include "schemes.hpp"
#include "transport.hpp"

#include <sys/un.h>

#include <cerrno>

namespace toolkit::probe {
namespace {

constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;

// A connection to a path fails in words of the file system.
Finding find_trouble(const net::Trouble& trouble) {
  Finding finding = finding_of(trouble);
  if (trouble.words == errno_words(ENOENT) || trouble.words == errno_words(ENOTDIR)) {
    finding.reason = Reason::absent;
  } else if (trouble.words == errno_words(EACCES)) {
    finding.reason = Reason::unknown;
  }
  return finding;
}

}  // namespace

Made make_unix(const condition::Leaf& leaf, const Settings& /*settings*/) {
  if (auto unknown = unknown_parameter(leaf, {"banner"})) {
    return tl::unexpected(std::move(*unknown));
  }
  std::string path = leaf.target.text;
  if (path.starts_with("//")) {  // unix:///run/x.sock, as others write it
    path.erase(0, 2);
  }
  if (path.empty() || path == "@" || path.size() > kLongest) {
    return mistake(leaf, leaf.target, "a unix socket's path has 1 to 107 bytes",
                   "as in unix:/run/app.sock or unix:@name");
  }
  auto banner = banner_of(leaf);
  if (!banner) {
    return tl::unexpected(std::move(banner).error());
  }
  std::string on_disk = path[0] == '@' ? "" : path;
  return path_first(
      std::move(on_disk),
      make_connecting_probe([path = std::move(path)] { return net::Stream::to_path(path); },
                            std::move(*banner), &find_trouble));
}

}  // namespace toolkit::probe
