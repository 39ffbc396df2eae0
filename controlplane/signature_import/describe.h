#pragma once
#include <string>
#include <vector>

#include "controlplane/signature_import/rule.h"

// What a rule says about itself: how grave, of which kind, where it is written about.
namespace wardline::signature_import {

std::string severity_of(const Rule& rule);  // by its metadata, its priority, its classtype
std::string group_of(const Rule& rule);
std::string technique_of(const Rule& rule);                // "T1210" from its metadata; "" where it names none
std::vector<std::string> references_of(const Rule& rule);  // CVE numbers and addresses of pages

}  // namespace wardline::signature_import
