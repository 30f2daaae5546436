#include <toolkit/environment/conda.hpp>

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

using toolkit::ErrorKind;
using toolkit::environment::activate_conda;
using toolkit::environment::find_conda_environment;
using toolkit::environment::Snapshot;

namespace {

// An installation as the installers leave it, as far as activation looks at it. The expected values
// below are those of conda's own activator (26.7), which was run on a tree like this one.
struct FakeConda {
  toolkit::support::TempDir dir;
  std::string root = dir / "conda", home = dir / "home", train = root + "/envs/train";
  std::vector<std::string> entries{"HOME=" + home, "PATH=/usr/bin:/bin", "CONDA_ROOT=" + root};
  std::vector<const char*> pointers;

  FakeConda() {
    for (const char* name :
         {"conda", "conda/envs/train", "conda/envs/other", "home/.conda/envs/mine", "far/away"}) {
      dir.write(std::string(name) + "/conda-meta/history", "");
    }
    dir.write("conda/condabin/conda", "", 0755);
    dir.write("conda/bin/conda", "", 0755);
    dir.write("conda/envs/broken/readme", "no conda-meta here");
    dir.write("home/.conda/environments.txt", "\n" + (dir / "far/away") + "\n/no/such/place\n");
  }
  Snapshot environment() {
    pointers.clear();
    for (const std::string& entry : entries) {
      pointers.push_back(entry.c_str());
    }
    pointers.push_back(nullptr);
    return Snapshot(pointers.data());
  }
  std::string find(const std::string& name) {
    const auto found = find_conda_environment(name, environment());
    return found ? *found : found.error().message + "|" + found.error().remedy;
  }
};

}  // namespace

TEST_CASE("conda environments are found by name wherever they are") {
  FakeConda conda;
  CHECK(conda.find("train") == conda.train);
  CHECK(conda.find("base") == conda.root);
  CHECK(conda.find("root") == conda.root);
  CHECK(conda.find("mine") == conda.home + "/.conda/envs/mine");
  CHECK(conda.find("away") == conda.dir / "far/away");
}

TEST_CASE("a name with a slash is a directory") {
  FakeConda conda;
  CHECK(conda.find(conda.train + "//") == conda.train);
  CHECK(conda.find(conda.home).starts_with(conda.home + " is not a conda environment|"));
}

TEST_CASE("an unknown conda environment is answered with the nearest and those that exist") {
  FakeConda conda;
  const auto found = find_conda_environment("trian", conda.environment());
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::not_found);
  CHECK(found.error().message == "no conda environment 'trian'");
  CHECK(found.error().remedy == "did you mean train? There are: base, other, train, mine, away");
  CHECK(conda.find("zzz") == "no conda environment 'zzz'|one of: base, other, train, mine, away");
  CHECK(conda.find("broken").starts_with("no conda environment"));
  CHECK(conda.find("").starts_with("no conda environment"));
}

TEST_CASE("an installation is found by every trace of it") {
  FakeConda conda;
  for (const std::string& trace :
       {"CONDA_EXE=" + conda.root + "/bin/conda", "MAMBA_ROOT_PREFIX=" + conda.root + "/",
        "CONDA_PREFIX=" + conda.root + "/envs/other", "CONDA_PREFIX=" + conda.root,
        "PATH=/usr/bin:" + conda.root + "/condabin", "PATH=" + conda.root + "/bin",
        "CONDA_ENVS_PATH=/nowhere:" + conda.root + "/envs"}) {
    CAPTURE(trace);
    conda.entries = {"HOME=" + conda.home, trace};
    CHECK(conda.find("train") == conda.train);
  }
}

TEST_CASE("an installation in the home directory needs no trace") {
  FakeConda conda;
  REQUIRE(::rename(conda.root.c_str(), (conda.home + "/miniconda3").c_str()) == 0);
  CHECK(conda.find("train") == conda.home + "/miniconda3/envs/train");
}

TEST_CASE("activation from nothing") {
  FakeConda conda;
  Snapshot environment = conda.environment();
  const auto scripts = activate_conda(conda.train, environment);
  REQUIRE(scripts);
  CHECK(scripts->empty());
  CHECK(environment.get("PATH") == conda.train + "/bin:" + conda.root + "/condabin:/usr/bin:/bin");
  CHECK(environment.get("CONDA_PREFIX") == conda.train);
  CHECK(environment.get("CONDA_DEFAULT_ENV") == "train");
  CHECK(environment.get("CONDA_SHLVL") == "1");
  CHECK(environment.get("CONDA_PROMPT_MODIFIER") == "(train) ");
  CHECK(environment.get("CONDA_EXE") == conda.root + "/bin/conda");
  CHECK(environment.get("CONDA_PYTHON_EXE") == conda.root + "/bin/python");
  CHECK(environment.get("HOME") == conda.home);
  CHECK_FALSE(environment.get("CONDA_PREFIX_1"));
}

TEST_CASE("an environment outside envs goes by its path, the installation by base") {
  FakeConda conda;
  Snapshot far = conda.environment(), base = conda.environment();
  REQUIRE(activate_conda(conda.dir / "far/away", far));
  CHECK(far.get("CONDA_DEFAULT_ENV") == conda.dir / "far/away");
  REQUIRE(activate_conda(conda.root, base));
  CHECK(base.get("CONDA_DEFAULT_ENV") == "base");
  CHECK(base.get("PATH") == conda.root + "/bin:" + conda.root + "/condabin:/usr/bin:/bin");
}

TEST_CASE("activation over another environment takes its place and remembers it") {
  FakeConda conda;
  const std::string other = conda.root + "/envs/other";
  conda.entries = {"HOME=" + conda.home, "PATH=/x:" + other + "/bin:/usr/bin",
                   "CONDA_PREFIX=" + other, "CONDA_SHLVL=2", "CONDA_PREFIX_1=" + conda.root};
  Snapshot environment = conda.environment();
  REQUIRE(activate_conda(conda.train, environment));
  CHECK(environment.get("PATH") == "/x:" + conda.train + "/bin:/usr/bin");
  CHECK(environment.get("CONDA_SHLVL") == "3");
  CHECK(environment.get("CONDA_PREFIX_2") == other);
  CHECK(environment.get("CONDA_PREFIX_1") == conda.root);
}

TEST_CASE("activation of what is active already changes nothing but puts it in PATH") {
  FakeConda conda;
  conda.entries = {"HOME=" + conda.home, "PATH=/x:" + conda.train + "/bin:/usr/bin",
                   "CONDA_PREFIX=" + conda.train, "CONDA_SHLVL=1", "DATA=d"};
  conda.dir.write("conda/envs/train/conda-meta/state", R"({"env_vars":{"DATA":"d"}})");
  Snapshot environment = conda.environment();
  REQUIRE(activate_conda(conda.train, environment));
  CHECK(environment.get("PATH") == "/x:" + conda.train + "/bin:/usr/bin");
  CHECK(environment.get("CONDA_SHLVL") == "1");
  CHECK_FALSE(environment.get("CONDA_PREFIX_1"));
  CHECK(environment.get("DATA") == "d");
  CHECK_FALSE(environment.get("__CONDA_SHLVL_1_DATA"));
}

TEST_CASE("an empty PATH does not become the working directory") {
  FakeConda conda;
  conda.entries = {"PATH=", "CONDA_SHLVL=1", "CONDA_PREFIX=/gone"};
  Snapshot environment = conda.environment();
  REQUIRE(activate_conda(conda.train, environment));
  CHECK(environment.get("PATH") == conda.train + "/bin");
}

TEST_CASE("variables come from the packages and then from the environment's state") {
  FakeConda conda;
  conda.dir.write("conda/envs/train/etc/conda/env_vars.d/a.json",
                  R"({"PKG":"1","BOTH":"pkg","GONE":"***unset***"})");
  conda.dir.write("conda/envs/train/etc/conda/env_vars.d/b.json",
                  R"({"PKG":"2","COUNT":3,"":"x","A=B":"x"})");
  conda.dir.write(
      "conda/envs/train/conda-meta/state",
      R"({"env_vars":{"BOTH":"state","PATH":"/evil","DATA":"/d x","NUL":"a\u0000b"},"version":1})");
  conda.entries.push_back("BOTH=mine");
  conda.entries.push_back("GONE=still here");
  Snapshot environment = conda.environment();
  REQUIRE(activate_conda(conda.train, environment));
  CHECK(environment.get("PKG") == "2");
  CHECK(environment.get("BOTH") == "state");
  CHECK(environment.get("__CONDA_SHLVL_0_BOTH") == "mine");
  CHECK(environment.get("GONE") == "still here");
  CHECK(environment.get("DATA") == "/d x");
  CHECK(environment.get("PATH")->find("/evil") == std::string::npos);
  CHECK_FALSE(environment.get("COUNT"));
  CHECK_FALSE(environment.get("NUL"));
}

TEST_CASE("a state file that is not JSON is named") {
  FakeConda conda;
  const std::string state = conda.dir.write("conda/envs/train/conda-meta/state", "{");
  Snapshot environment = conda.environment();
  const auto result = activate_conda(conda.train, environment);
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "cannot read " + state + ": not a JSON object");
}

TEST_CASE("activation scripts are listed in order, shell scripts only") {
  FakeConda conda;
  const std::string folder = "conda/envs/train/etc/conda/activate.d/";
  const std::string b = conda.dir.write(folder + "b.sh", ""),
                    a = conda.dir.write(folder + "a.sh", "");
  conda.dir.write(folder + "c.fish", "");
  Snapshot environment = conda.environment();
  CHECK(*activate_conda(conda.train, environment) == std::vector<std::string>{a, b});
}
