#include <toolkit/base/text.hpp>
#include <toolkit/store/location.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

using Text = std::string_view;

Failure refuse(Text text, Text why, std::string remedy) {
  return fail(ErrorKind::usage, fmt::format("'{}': {}", printable(text), why), std::move(remedy));
}

// RFC 3986, 3.1, in front of "://"; nothing for what is no URL.
std::optional<Text> scheme_of(Text text) {
  const std::size_t end = text.find("://");
  const Text scheme = text.substr(0, end);
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool good =
      end != Text::npos && !scheme.empty() && letter(scheme[0]) &&
      std::all_of(scheme.begin(), scheme.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-';
      });
  return good ? std::optional(scheme) : std::nullopt;
}

int hexadecimal(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// %XX as RFC 3986, 2.1 says; nothing for a broken one and for NUL, which no path can have.
std::optional<std::string> decoded(Text text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hexadecimal(text[i + 1]) : -1;
    const int low = high >= 0 ? hexadecimal(text[i + 2]) : -1;
    if (low < 0 || high + low == 0) {
      return std::nullopt;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

// "host", "host:port", "[::1]", "[::1]:port".
Result<void> take_authority(Text text, Text authority, Location& location) {
  Text port;
  if (authority.substr(0, 1) == "[") {
    const std::size_t end = authority.find(']');
    if (end == Text::npos) {
      return refuse(text, "an IPv6 address without its closing bracket", "sftp://[::1]:22/path");
    }
    port = authority.substr(end + 1);
    location.host = authority.substr(1, end - 1);
  } else {
    const std::size_t colon = authority.find(':');
    port = colon == Text::npos ? Text() : authority.substr(colon);
    location.host = authority.substr(0, colon);
  }
  if (location.host.empty() || location.host[0] == '-') {  // ssh would read it as an option
    return refuse(text, "no host name", "sftp://[user@]host[:port]/path");
  }
  if (port.empty()) {
    return {};
  }
  const auto number = port[0] == ':' ? parse_whole(port.substr(1)) : std::nullopt;
  if (!number || *number < 1 || *number > 65535) {
    return refuse(text, "not a port", "a port is a number from 1 to 65535: sftp://host:2222/path");
  }
  location.port = static_cast<std::uint16_t>(*number);
  return {};
}

// Behind /~/ a path begins in the home directory, as in curl and git.
std::string path_of_url(std::string path) {
  if (path.empty() || path == "/~") {
    return ".";
  }
  if (path.substr(0, 3) == "/~/") {
    path.erase(0, 3);
    return path.empty() ? "./" : path;
  }
  return path;
}

Result<Location> parse_sftp(Text text, Text rest) {
  Location location;
  location.kind = Location::Kind::sftp;
  location.text = text;
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  Text authority = rest.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != Text::npos) {
    const Text user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    if (user.find(':') != Text::npos) {  // never repeated in our words
      return fail(ErrorKind::usage,
                  fmt::format("'sftp://{}…': a password in a location is seen by everybody",
                              printable(authority)),
                  "use a key: --identity FILE, or an ssh agent");
    }
    const auto name = decoded(user);
    if (!name || name->empty()) {
      return refuse(text, "not a user name before the @", "sftp://user@host/path");
    }
    location.user = *name;
  }
  TRY(take_authority(text, authority, location));
  auto path = decoded(rest.substr(slash));
  if (!path) {
    return refuse(text, "a % that two hexadecimal digits do not follow", "write % itself as %25");
  }
  location.path = path_of_url(std::move(*path));
  return location;
}

Result<Location> parse_s3(Text text, Text rest) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const Text bucket = rest.substr(0, slash);
  if (bucket.find('@') != Text::npos || bucket.find(':') != Text::npos) {
    return fail(ErrorKind::usage, "'s3://…': a key in a location is seen by everybody",
                "s3://bucket/prefix, and the keys as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
                "another server by --endpoint");
  }
  if (bucket.empty()) {
    return refuse(text, "no bucket", "s3://bucket/prefix");
  }
  Location location;
  location.kind = Location::Kind::s3;
  location.text = text;
  location.bucket = bucket;
  location.path = rest.substr(std::min(slash + 1, rest.size()));
  return location;
}

Failure refuse_scheme(Text text, Text scheme) {
  const bool daemon = scheme == "rsync";
  const bool file = scheme == "file";
  return refuse(text.substr(0, text.find("://") + 3),
                daemon ? "an rsync daemon's protocol is not spoken here"
                       : fmt::format("no such kind of place: {}", scheme),
                file ? "a directory is written as it is: /path"
                     : "a directory, user@host:path, sftp://host/path or s3://bucket/prefix");
}

// Where the colon is that ends the host of "host:path"; npos for a local name. The host may be an
// IPv6 address in brackets, which has colons of its own.
std::size_t end_of_host(Text text) {
  const std::size_t slash = text.find('/');
  const std::size_t open = text.find('[');
  const std::size_t close = text.find("]:", open == Text::npos ? 0 : open);
  const bool bracket = open != Text::npos && (open == 0 || text[open - 1] == '@');
  const std::size_t colon = bracket && close != Text::npos ? close + 1 : text.find(':');
  return colon < slash ? colon : Text::npos;
}

Result<Location> parse_host_path(Text text, std::size_t colon) {
  Location location;
  location.kind = Location::Kind::sftp;
  location.text = text;
  const Text path = text.substr(colon + 1);
  Text host = text.substr(0, colon);
  if (path.substr(0, 1) == ":") {
    return refuse(text, "an rsync daemon's module; its protocol is not spoken here",
                  "host:path goes by ssh");
  }
  if (const std::size_t at = host.rfind('@'); at != Text::npos) {
    location.user = host.substr(0, at);
    host.remove_prefix(at + 1);
    if (location.user.empty()) {
      return refuse(text, "no user name before the @", "user@host:path");
    }
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || host[0] == '-') {
    return refuse(text, "no host name before the colon",
                  "host:path; a local name that has a colon is written ./" + printable(text));
  }
  if (location.user.empty() && (host == "s3" || host == "sftp") && path.substr(0, 1) == "/") {
    return refuse(text, fmt::format("{}:// has two slashes", host),
                  "sftp://host/path, s3://bucket/prefix; a host of that name: user@host:path");
  }
  location.host = host;
  location.path = path.empty() ? "." : path;
  return location;
}

}  // namespace

bool Location::means_contents() const {
  const Text last = Text(path).substr(path.rfind('/') + 1);  // npos + 1 is 0: all of it
  return last.empty() || last == "." || last == "..";
}

Result<Location> parse_location(Text text) {
  if (text.empty() || text.find('\0') != Text::npos) {
    return fail(ErrorKind::usage, "an empty place", "a directory, user@host:path, s3://bucket/…");
  }
  if (const auto scheme = scheme_of(text)) {
    const Text rest = text.substr(scheme->size() + 3);
    return *scheme == "sftp" ? parse_sftp(text, rest)
           : *scheme == "s3" ? parse_s3(text, rest)
                             : refuse_scheme(text, *scheme);
  }
  if (const std::size_t colon = end_of_host(text); colon != Text::npos) {
    return parse_host_path(text, colon);
  }
  Location location;
  location.path = text;
  location.text = text;
  return location;
}

}  // namespace toolkit::store
