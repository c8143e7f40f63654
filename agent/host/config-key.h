/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The keys that there are, and what a value of each may be: what host/config.c reads by. */

#define EA_CONFIG_WORDS_MAX 8

typedef enum
{
  EA_CONFIG_CHOICE,    /* one of @words */
  EA_CONFIG_NUMBER,    /* from @minimum to @maximum */
  EA_CONFIG_TIME,      /* from @minimum to @maximum seconds, as systemd.time(7) has spans */
  EA_CONFIG_INTERFACE, /* name of a network interface, of at most @maximum characters, perhaps empty */
  EA_CONFIG_APN,       /* access point name, perhaps empty */
  EA_CONFIG_HOST,      /* host name or address, perhaps empty */
  EA_CONFIG_URI,       /* path and query, of at most @maximum characters */
  EA_CONFIG_PATH,      /* absolute path, perhaps empty */
  EA_CONFIG_PATHS,     /* absolute paths and qrtr://NODE, separated by semicolons, perhaps none */
  EA_CONFIG_SOCKET, /* name of an abstract socket, of at most @maximum characters, perhaps empty */
  EA_CONFIG_RANGES, /* of addresses, ADDRESS or ADDRESS/BITS, separated by semicolons, perhaps none */
  EA_CONFIG_PHONE, /* number of at most @maximum digits, with "+" in front of an international one */
  EA_CONFIG_SERVERS, /* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, separated by semicolons, perhaps none */
} EaConfigKind;

typedef struct
{
  const char *section;
  const char *key;
  EaConfigKind kind;
  const char *standard; /* the default */
  const char *words[EA_CONFIG_WORDS_MAX];
  guint minimum;
  guint maximum;
  gboolean is_optional; /* a number that may be left empty, which then is 0 */
  gboolean is_for_all;  /* means nothing in "[section INSTANCE]" */
} EaConfigKey;

/* (nullable): %NULL: there is none */
const EaConfigKey *ea_config_key_find (const char *section, const char *name);

gboolean ea_config_key_has_section (const char *section);
