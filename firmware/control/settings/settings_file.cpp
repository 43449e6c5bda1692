// The settings file: see the header.
#include "firmware/control/settings/settings_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control {

namespace {

using ipc::Setting;
using ipc::SettingFault;
using ipc::Type;

// Far beyond any real file, so that a wrong path (a disk, a log) does not eat the memory.
constexpr std::size_t kMostFileBytes = 64u << 20;
constexpr int kMostDepth = 16;

bool fits_type(const toml::node& node, Type type) {
  if (type == Type::boolean) return node.is_boolean();
  if (type == Type::integer) return node.is_integer();
  if (type == Type::size) return node.is_integer() || node.is_string();
  return node.is_string();
}

std::string_view written_as(Type type) {
  if (type == Type::boolean) return "true or false, without quotes";
  if (type == Type::integer) return "a whole number, without quotes";
  if (type == Type::size) return "a whole number, or a text such as \"64M\"";
  if (type == Type::duration) return "a text with a number and its unit, such as \"30s\", \"5m\" or \"12h\"";
  return "a text in quotes";
}

std::string scalar_text(const toml::node& node) {
  if (const auto value = node.value_exact<std::string>()) {
    // A line feed separates elements of lists: inside one it is as wrong as any other control character.
    std::string text = *value;
    std::replace(text.begin(), text.end(), ipc::kListSeparator, '\x01');
    return text;
  }
  if (const auto value = node.value_exact<std::int64_t>()) return std::to_string(*value);
  if (const auto value = node.value_exact<bool>()) return *value ? "true" : "false";
  return "";
}

class FileReader {
 public:
  LoadedSettings read(const toml::table& root) {
    walk(root, "", 0);
    check();
    std::stable_sort(loaded_.faults.begin(), loaded_.faults.end(),
                     [](const SettingFault& a, const SettingFault& b) { return a.line < b.line; });
    return std::move(loaded_);
  }

 private:
  void walk(const toml::table& table, const std::string& front, int depth) {
    for (const auto& [key, node] : table) {
      const std::string name = front + std::string(key.str());
      if (const auto* inner = node.as_table(); inner != nullptr && depth < kMostDepth) {
        walk(*inner, name + ".", depth + 1);
      } else {
        take(name, node);
      }
    }
  }

  void complain(const std::string& name, std::string wrong, std::string right, const toml::node& node) {
    loaded_.faults.push_back({name, std::move(wrong), std::move(right), true, node.source().begin.line});
  }

  void take(const std::string& name, const toml::node& node) {
    lines_[name] = node.source().begin.line;
    const Setting* setting = ipc::find_setting(name);
    if (setting == nullptr) {
      loaded_.values[name] = "";  // the check names it, with the nearest known one
      return;
    }
    if (const auto* array = node.as_array()) return take_list(name, *setting, *array);
    if (node.is_table()) return complain(name, "is a table", ipc::what_fits(*setting), node);
    take_one(name, *setting, node);
  }

  void take_one(const std::string& name, const Setting& setting, const toml::node& node) {
    if (!fits_type(node, setting.type)) {
      return complain(name, "is of the wrong kind", std::string(written_as(setting.type)), node);
    }
    loaded_.values[name] = scalar_text(node);
  }

  void take_list(const std::string& name, const Setting& setting, const toml::array& array) {
    if (!setting.list) return complain(name, "is a list", "one value: " + ipc::what_fits(setting), array);
    std::vector<std::string> elements;
    for (const auto& element : array) {
      if (setting.type == Type::certificate) {
        if (!take_certificate(name, element, elements)) return;
      } else if (setting.type == Type::dkim_key) {
        if (!take_dkim_key(name, element, elements)) return;
      } else if (!fits_type(element, setting.type)) {
        return complain(name, "holds an element of the wrong kind", std::string(written_as(setting.type)),
                        element);
      } else {
        elements.push_back(scalar_text(element));
      }
    }
    loaded_.values[name] = ipc::join_list(elements, std::string(1, ipc::kListSeparator));
  }

  bool take_certificate(const std::string& name, const toml::node& element,
                        std::vector<std::string>& elements) {
    const auto* table = element.as_table();
    const auto wrong = [&](std::string what) {
      complain(name, std::move(what), "names = [\"mail.example.net\"], chain = \"/path\", key = \"/path\"",
               element);
      return false;
    };
    if (table == nullptr) return wrong("holds an element that is no table");
    ipc::CertificateFiles files;
    for (const auto& [key, node] : *table) {
      if (key == "chain" && node.is_string()) {
        files.chain = scalar_text(node);
      } else if (key == "key" && node.is_string()) {
        files.key = scalar_text(node);
      } else if (key == "names" && node.is_array()) {
        for (const auto& one : *node.as_array()) files.names.push_back(scalar_text(one));
      } else {
        return wrong("has \"" + std::string(key.str()) + "\", which is unknown or of the wrong kind");
      }
    }
    if (files.chain.empty() || files.key.empty()) return wrong("lacks chain or key");
    elements.push_back(ipc::print_certificate(files));
    return true;
  }

  bool take_dkim_key(const std::string& name, const toml::node& element, std::vector<std::string>& elements) {
    const auto wrong = [&](std::string what) {
      complain(name, std::move(what), "domain = \"example.net\", selector = \"s1\", key = \"/path\"",
               element);
      return false;
    };
    const auto* table = element.as_table();
    if (table == nullptr) return wrong("holds an element that is no table");
    ipc::DkimKeyFile file;
    std::string service;
    const std::map<std::string_view, std::string*> known{
        {"domain", &file.domain}, {"selector", &file.selector}, {"key", &file.key}, {"service", &service}};
    for (const auto& [key, node] : *table) {
      const auto found = known.find(key.str());
      if (found == known.end() || !node.is_string()) {
        return wrong("has \"" + std::string(key.str()) + "\", which is unknown or of the wrong kind");
      }
      *found->second = scalar_text(node);
    }
    if (file.domain.empty() || file.selector.empty() || file.key.empty())
      return wrong("lacks domain, selector or key");
    if (!service.empty() && service != "tlsrpt") return wrong("has a service that is not \"tlsrpt\"");
    file.tls_reports_only = !service.empty();
    elements.push_back(ipc::print_dkim_key(file));
    return true;
  }

  void check() {
    for (auto& fault : ipc::check_settings(loaded_.values)) {
      const auto line = lines_.find(fault.name);
      if (line != lines_.end()) fault.line = line->second;
      loaded_.faults.push_back(std::move(fault));
    }
    for (const auto& fault : loaded_.faults) {
      if (fault.fatal) loaded_.values.erase(fault.name);
    }
  }

  LoadedSettings loaded_;
  std::map<std::string, unsigned> lines_;
};

LoadedSettings unreadable(std::string wrong, unsigned line = 0) {
  LoadedSettings loaded;
  loaded.faults.push_back({"", std::move(wrong), "", true, line});
  return loaded;
}

}  // namespace

bool LoadedSettings::usable() const {
  return std::none_of(faults.begin(), faults.end(), [](const SettingFault& fault) { return fault.fatal; });
}

LoadedSettings parse_settings(std::string_view text) {
  try {
    return FileReader().read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return unreadable("is no TOML: " + std::string(error.description()), error.source().begin.line);
  }
}

LoadedSettings load_settings(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(std::string("cannot be read: ") + std::strerror(errno));
  std::string text(kMostFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable(std::string("cannot be read: ") + std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostFileBytes) return unreadable("is larger than 64 MiB");
  return parse_settings(text);
}

std::string text_of(const SettingFault& fault, std::string_view file) {
  std::string text(file);
  if (fault.line != 0) text += ":" + std::to_string(fault.line);
  if (fault.name.empty()) return text + " " + fault.wrong;
  return text + ": " + ipc::text_of(fault);
}

}  // namespace postern::control
