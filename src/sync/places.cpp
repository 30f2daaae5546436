#include "places.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>

namespace toolkit::sync {
namespace {

using store::Location;

// "/x/a" is "/x/" and "a"; "a" is "" and "a".
std::pair<std::string, std::string> cut_last(std::string path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return {"", std::move(path)};
  }
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

// The directory that holds it, and its name there; the name is empty where contents are meant.
std::pair<Location, std::string> parent_and_name(const Location& location) {
  if (location.means_contents()) {
    return {location, ""};
  }
  auto [directory, name] = cut_last(location.path);
  Location parent = location;
  parent.path = directory.empty() && location.kind == Location::Kind::local ? "./" : directory;
  return {std::move(parent), std::move(name)};
}

// With every symbolic link resolved; empty for what is not there.
std::string real_path(const std::string& path) {
  char* const found = ::realpath(path.c_str(), nullptr);
  const std::string real = found != nullptr ? found : "";
  std::free(found);
  return real;
}

Result<void> check_not_inside(const Location& source, const Location& destination) {
  if (source.kind != Location::Kind::local || destination.kind != Location::Kind::local) {
    return {};
  }
  std::string path = destination.path;
  std::string below;  // of the destination, what is still to be made
  while (!path.empty() && real_path(path).empty()) {
    while (!path.empty() && path.back() == '/') {
      path.pop_back();
    }
    path = cut_last(path).first;
  }
  const std::string from = real_path(source.path);
  const std::string to = real_path(path.empty() ? "." : path);
  if (!from.empty() && (to == from || to.starts_with(from == "/" ? from : from + '/'))) {
    return fail(ErrorKind::usage,
                fmt::format("{} lies inside {}: it would be copied into itself", destination.text,
                            source.text),
                "choose a DEST beside the source");
  }
  return {};
}

// A link that the user has named: the walk follows it.
bool leads_to_directory(const Location& location) {
  struct stat status {};
  return location.kind == Location::Kind::local && ::stat(location.path.c_str(), &status) == 0 &&
         S_ISDIR(status.st_mode);
}

// Where the source, copied below `root`, would be itself.
Result<void> check_not_itself(const Location& location, const Source& source,
                              const Location& root) {
  if (location.kind != Location::Kind::local || root.kind != Location::Kind::local) {
    return {};
  }
  const std::string name = source.renamed.empty() ? source.only : source.renamed;
  const std::string to = real_path(root.path + '/' + name);
  if (to.empty() || to != real_path(location.path)) {
    return {};
  }
  return fail(ErrorKind::usage, fmt::format("{} would be copied onto itself", location.text),
              "choose another DEST");
}

// Whether DEST is the new name of a single file, and not the directory it goes into.
Result<bool> is_new_name(const Location& destination, const store::Settings& settings) {
  if (destination.means_contents()) {
    return false;
  }
  const auto [root, name] = parent_and_name(destination);
  TRY_ASSIGN(const auto store, store::open_store(root, settings));
  const auto entry = store->stat(name);
  if (!entry) {
    if (entry.error().kind == ErrorKind::not_found) {
      return true;
    }
    return Failure(entry.error());
  }
  return !*entry || (*entry)->kind != store::Kind::directory;
}

}  // namespace

Result<Source> open_source(const Location& location, const store::Settings& settings,
                           bool may_come) {
  const auto [root, name] = parent_and_name(location);
  Source source;
  TRY_ASSIGN(source.store, store::open_store(root, settings));
  source.only = name;
  source.root = location.kind == Location::Kind::local ? real_path(root.path) : "";
  if (name.empty()) {
    const auto listed = source.store->list("");  // what cannot be read is an error, not empty
    if (!listed && !(may_come && listed.error().kind == ErrorKind::not_found)) {
      return Failure(listed.error());
    }
    return source;
  }
  TRY_ASSIGN(const auto entry, source.store->stat(name));
  if (!entry && may_come) {
    source.is_there = false;
    return source;
  }
  if (!entry) {
    return fail(ErrorKind::not_found,
                fmt::format("cannot read {}: no such file or directory", location.text));
  }
  source.is_directory = entry->kind == store::Kind::directory ||
                        (entry->kind == store::Kind::symlink && leads_to_directory(location));
  return source;
}

selection::WalkOptions walk_options(const Source& source, const SelectionOptions& selection) {
  selection::WalkOptions options;
  options.only = source.only;
  options.links = selection.links;
  options.limits = selection.limits;
  options.root = source.root;
  return options;
}

Result<Places> open_places(const std::vector<Location>& sources, const Location& destination,
                           const store::Settings& settings, bool may_come) {
  Places places;
  for (const Location& location : sources) {
    TRY_ASSIGN(Source source, open_source(location, settings, may_come));
    if (source.is_directory) {
      TRY(check_not_inside(location, destination));
    }
    places.sources.push_back(std::move(source));
  }
  Location root = destination;
  Source& first = places.sources.front();
  if (places.sources.size() == 1 && (!first.is_directory || !first.is_there)) {
    TRY_ASSIGN(const bool renames, is_new_name(destination, settings));
    if (renames && !first.is_there) {
      return fail(ErrorKind::not_found,
                  fmt::format("{} is not there yet, and what it will be decides what {} means",
                              sources.front().text, destination.text),
                  fmt::format("{}/ to have it in that directory", destination.text));
    }
    if (renames) {
      std::tie(root, first.renamed) = parent_and_name(destination);
    }
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    TRY(check_not_itself(sources[i], places.sources[i], root));
  }
  TRY_ASSIGN(places.destination, store::open_store(root, settings));
  return places;
}

}  // namespace toolkit::sync
