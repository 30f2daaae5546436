#include "conda_variables.hpp"

#include "conda_places.hpp"

#include <toolkit/base/file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace toolkit::environment {
namespace {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// What `conda env config vars unset` writes instead of removing the key.
constexpr std::string_view kUnset = "***unset***";

bool is_usable(const std::string& name, const Json& value) {
  return !name.empty() && name != "PATH" &&
         name.find_first_of(std::string_view("=\0", 2)) == std::string::npos && value.is_string() &&
         value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

void add_variables(const Json& object, Pairs& variables) {
  for (auto item = object.begin(); item != object.end(); ++item) {
    if (is_usable(item.key(), *item)) {
      std::erase_if(variables, [&](const auto& pair) { return pair.first == item.key(); });
      variables.emplace_back(item.key(), item->get<std::string>());
    }
  }
}

Result<Json> read_object(const std::string& path) {
  TRY_ASSIGN(const std::string text, read_file(path));
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return fail(ErrorKind::failed, "cannot read " + path + ": not a JSON object",
                "repair the conda environment");
  }
  return json;
}

}  // namespace

Result<Pairs> read_conda_variables(const std::string& prefix) {
  Pairs variables;
  const std::string packages = prefix + "/etc/conda/env_vars.d";
  for (const std::string& name : sorted_entries(packages)) {
    TRY_ASSIGN(const Json object, read_object(packages + "/" + name));
    add_variables(object, variables);
  }
  auto state = read_object(prefix + "/conda-meta/state");
  if (!state && state.error().kind != ErrorKind::not_found) {
    return Failure(std::move(state).error());
  }
  if (state && state->contains("env_vars") && (*state)["env_vars"].is_object()) {
    add_variables((*state)["env_vars"], variables);
  }
  std::erase_if(variables, [](const auto& pair) { return pair.second == kUnset; });
  return variables;
}

std::vector<std::string> activation_scripts(const std::string& prefix) {
  const std::string directory = prefix + "/etc/conda/activate.d";
  std::vector<std::string> scripts;
  for (const std::string& name : sorted_entries(directory)) {
    if (name.ends_with(".sh")) {
      scripts.push_back(directory + "/" + name);
    }
  }
  return scripts;
}

}  // namespace toolkit::environment
