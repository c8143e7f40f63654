/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Typing mistakes between two words: letters that are wrong, missing, too many or exchanged with the next one */
guint ea_near_count_mistakes (const char *typed, const char *meant);

/* (nullable): static as they are: the one of @words that @typed may have been meant for; @words: %NULL-terminated */
const char *ea_near_find (const char *typed, const char *const *words);
