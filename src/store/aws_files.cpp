#include "aws_files.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>

namespace toolkit::store {
namespace {

constexpr std::size_t kFileLimit = 1 << 20;

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

// " # comment" behind a value counts, "#" inside one does not.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t')) {
      return value.substr(0, i);
    }
  }
  return value;
}

class Reader {
 public:
  Reader(AwsFile which, const std::string& path, AwsFiles& into)
      : which_(which), path_(path), into_(into) {}

  Result<void> read(std::string_view text) {
    for (const std::string_view line : split(text, '\n')) {
      ++number_;
      const std::string_view words = trim(line);
      if (words.empty() || words.front() == '#' || words.front() == ';') {
        continue;
      }
      const bool indented = line.front() == ' ' || line.front() == '\t';
      TRY(words.front() == '[' ? begin_section(words) : setting(words, indented));
    }
    return {};
  }

 private:
  Failure wrong(std::string_view why) const {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", path_, number_, why),
                "as in: [default], and below it aws_access_key_id = …");
  }

  // [default], [profile dev], [services local]; in the credentials' file [dev].
  Result<void> begin_section(std::string_view words) {
    const std::size_t end = words.find(']');
    if (end == std::string_view::npos) {
      return wrong("a section has no ]");
    }
    const std::string_view inside = trim(words.substr(1, end - 1));
    const std::size_t blank = std::min(inside.find_first_of(" \t"), inside.size());
    const std::string_view kind = inside.substr(0, blank);
    std::string_view name = trim(inside.substr(blank));
    if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
        name.back() == name.front()) {
      name = name.substr(1, name.size() - 2);
    }
    parent_.clear();
    has_section_ = true;
    section_ = nullptr;  // of a kind that is nothing to us
    if (which_ == AwsFile::credentials || inside == "default") {
      section_ = &into_.profiles[std::string(inside)];
    } else if (kind == "profile" && !name.empty()) {
      section_ = &into_.profiles[std::string(name)];
    } else if (kind == "services" && !name.empty()) {
      section_ = &into_.services[std::string(name)];
    }
    return {};
  }

  Result<void> setting(std::string_view words, bool indented) {
    const std::size_t equals = words.find('=');
    if (!has_section_) {
      return wrong("a setting before the first [section]");
    }
    if (equals == std::string_view::npos || equals == 0) {
      // The next line of a value: none that we look at has several.
      return indented && !last_.empty() ? Result<void>{} : wrong("is no NAME = VALUE");
    }
    const std::string name = to_lower(trim(words.substr(0, equals)));
    const std::string value(trim(without_comment(words.substr(equals + 1))));
    const bool below = indented && !parent_.empty();
    last_ = below ? fmt::format("{}.{}", parent_, name) : name;
    if (!below) {
      parent_ = value.empty() ? name : "";
    }
    if (section_ != nullptr) {
      (*section_)[last_] = value;
    }
    return {};
  }

  AwsFile which_;
  const std::string& path_;
  AwsFiles& into_;
  AwsSection* section_ = nullptr;
  bool has_section_ = false;
  std::string parent_, last_;
  int number_ = 0;
};

struct Place {
  std::string path;
  bool asked_for = false;
};

Place place_of(const Settings& settings, const char* name, std::string_view usual) {
  const std::string home = variable(settings, "HOME");
  std::string given = variable(settings, name);
  if (given.starts_with("~/")) {
    given = home + given.substr(1);
  }
  if (!given.empty()) {
    return {given, true};
  }
  return {home.empty() ? "" : fmt::format("{}/.aws/{}", home, usual), false};
}

Result<void> read_into(const Place& place, AwsFile which, AwsFiles& into) {
  if (place.path.empty()) {
    return {};
  }
  const auto file = try_open(place.path, O_RDONLY);
  // A home directory of somebody else's is usual in containers; a file that was named is not.
  const bool may_be_missing = !file && (file.error() == ENOENT || file.error() == ENOTDIR ||
                                        (file.error() == EACCES && !place.asked_for));
  if (may_be_missing) {
    return {};
  }
  const auto bytes = file ? read_all(file->get(), kFileLimit)
                          : tl::expected<std::string, int>(tl::unexpected(file.error()));
  if (!bytes) {
    return fail_errno("cannot read " + place.path, bytes.error(),
                      "make it readable for this user, or unset the variable that names it");
  }
  return parse_aws_file(*bytes, which, place.path, into);
}

}  // namespace

const std::string* AwsFiles::find(std::string_view profile, std::string_view setting) const {
  const auto section = profiles.find(profile);
  if (section == profiles.end()) {
    return nullptr;
  }
  const auto found = section->second.find(setting);
  return found == section->second.end() || found->second.empty() ? nullptr : &found->second;
}

Result<void> parse_aws_file(std::string_view text, AwsFile which, const std::string& path,
                            AwsFiles& into) {
  return Reader(which, path, into).read(text);
}

Result<AwsFiles> read_aws_files(const Settings& settings) {
  const Place config = place_of(settings, "AWS_CONFIG_FILE", "config");
  const Place credentials = place_of(settings, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  AwsFiles files;
  files.places = config.path.empty() && credentials.path.empty()
                     ? "no file, since HOME is not set"
                     : fmt::format("{} and {}", config.path, credentials.path);
  TRY(read_into(config, AwsFile::config, files));
  TRY(read_into(credentials, AwsFile::credentials, files));
  return files;
}

AwsProfile aws_profile(const Settings& settings) {
  for (const std::string& name : {settings.s3.profile, variable(settings, "AWS_PROFILE"),
                                  variable(settings, "AWS_DEFAULT_PROFILE")}) {
    if (!name.empty()) {
      return {name, true};
    }
  }
  return {"default", false};
}

net::HttpClientSettings http_settings(const Settings& settings) {
  net::HttpClientSettings made;
  made.connect_limit = made.silence = settings.silence;
  made.stop_fd = settings.stop_fd;
  made.get_env = settings.get_env;
  made.tls.ca_file =
      settings.s3.ca_file.empty() ? variable(settings, "AWS_CA_BUNDLE") : settings.s3.ca_file;
  return made;
}

std::string variable(const Settings& settings, const char* name) {
  const char* value = settings.get_env(name);
  return value != nullptr ? value : "";
}

}  // namespace toolkit::store
