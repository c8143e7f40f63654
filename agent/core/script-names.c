/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Words for what scripts carry: TS 102 226 §5.2, TS 101 220 tables 7.19 and 7.20, SGP.02 §4.1.3.3. */

#include "core/error.h"
#include "core/script.h"

typedef struct
{
  guint32 value;
  const char *name;
} Name;

static const Name command_tags[] = {
  { EA_SCRIPT_TAG_COMMAND_APDU, "C-APDU" },
  { EA_SCRIPT_TAG_COMMAND_APDU | EA_SCRIPT_TAG_COMPREHENSION_REQUIRED, "C-APDU" },
  { EA_SCRIPT_TAG_IMMEDIATE_ACTION, "immediate action" },
  { EA_SCRIPT_TAG_ERROR_ACTION, "error action" },
  { EA_SCRIPT_TAG_CHAINING, "script chaining" },
  { 0x84, "SCP03t INITIALIZE UPDATE" },
  { 0x85, "SCP03t EXTERNAL AUTHENTICATE" },
  { 0x86, "SCP03t protected data" },
  { 0x87, "SCP03t replace session keys" },
  { 0x88, "SCP03t protected data with replaced keys" },
};

static const Name response_tags[] = {
  { EA_SCRIPT_TAG_RESPONSE_APDU, "R-APDU" },
  { EA_SCRIPT_TAG_RESPONSE_APDU | EA_SCRIPT_TAG_COMPREHENSION_REQUIRED, "R-APDU" },
  { EA_SCRIPT_TAG_EXECUTED, "number of executed commands" },
  { EA_SCRIPT_TAG_IMMEDIATE_ACTION, "immediate action response" },
  { EA_SCRIPT_TAG_CHAINING, "script chaining response" },
  { EA_SCRIPT_TAG_BAD_FORMAT, "bad format" },
  { 0x84, "SCP03t INITIALIZE UPDATE response" },
  { 0x85, "SCP03t EXTERNAL AUTHENTICATE response" },
  { 0x86, "SCP03t protected response" },
  { 0x87, "SCP03t replace session keys response" },
  { 0x88, "SCP03t protected response with replaced keys" },
  { 0x9F44, "SCP03t INITIALIZE UPDATE error" },
  { 0x9F84, "SCP03t INITIALIZE UPDATE error" },
  { 0x9F45, "SCP03t EXTERNAL AUTHENTICATE error" },
  { 0x9F85, "SCP03t EXTERNAL AUTHENTICATE error" },
  { 0x9F46, "SCP03t protected data error" },
  { 0x9F86, "SCP03t protected data error" },
  { 0x9F47, "SCP03t replace session keys error" },
  { 0x9F87, "SCP03t replace session keys error" },
  { 0x9F48, "SCP03t protected data with replaced keys error" },
  { 0x9F88, "SCP03t protected data with replaced keys error" },
};

static const Name action_responses[] = {
  { EA_SCRIPT_ACTION_SUSPENSION_ERROR, "suspension error" },
};

static const Name chainings[] = {
  { EA_SCRIPT_CHAINING_FIRST, "first script, chaining is deleted upon card reset" },
  { EA_SCRIPT_CHAINING_FIRST_KEPT, "first script, chaining is kept across card resets" },
  { EA_SCRIPT_CHAINING_MORE, "subsequent script, more follow" },
  { EA_SCRIPT_CHAINING_LAST, "subsequent script, the last" },
};

static const Name chaining_responses[] = {
  { EA_SCRIPT_CHAINING_NO_PREVIOUS, "no previous script" },
  { EA_SCRIPT_CHAINING_NOT_SUPPORTED, "script chaining not supported" },
  { EA_SCRIPT_CHAINING_UNABLE, "unable to process the script" },
};

static const Name bad_formats[] = {
  { EA_SCRIPT_BAD_FORMAT_UNKNOWN_TAG, "unknown tag" },
  { EA_SCRIPT_BAD_FORMAT_WRONG_LENGTH, "wrong length" },
  { EA_SCRIPT_BAD_FORMAT_LENGTH_NOT_FOUND, "length not found" },
};

static const char *
find (const Name *names, gsize n_names, guint32 value)
{
  for (gsize i = 0; i < n_names; i++)
    if (names[i].value == value)
      return names[i].name;
  return NULL;
}

#define FIND(names, value) find (names, G_N_ELEMENTS (names), value)

const char *
ea_script_get_tag_name (EaScriptDirection direction, guint32 tag)
{
  return direction == EA_SCRIPT_DIRECTION_COMMANDS ? FIND (command_tags, tag)
                                                   : FIND (response_tags, tag);
}

const char *
ea_script_get_action_name (EaScriptAction action)
{
  switch (action)
    {
    case EA_SCRIPT_ACTION_NONE:
      return "no action";
    case EA_SCRIPT_ACTION_RECORD:
      return "proactive command in a record of EF_RMA";
    case EA_SCRIPT_ACTION_SESSION:
      return "proactive session indication";
    case EA_SCRIPT_ACTION_EARLY_RESPONSE:
      return "early response";
    case EA_SCRIPT_ACTION_OBJECTS:
      return "proactive command";
    case EA_SCRIPT_ACTION_RESERVED:
      break;
    }
  return NULL;
}

const char *
ea_script_get_action_response_name (guint8 value)
{
  return FIND (action_responses, value);
}

const char *
ea_script_get_chaining_name (guint8 value)
{
  return FIND (chainings, value);
}

const char *
ea_script_get_chaining_response_name (guint8 value)
{
  return FIND (chaining_responses, value);
}

const char *
ea_script_get_bad_format_name (guint8 value)
{
  return FIND (bad_formats, value);
}

EaScriptAction
ea_script_get_action (EaSpan value)
{
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, value);
  octet = ea_reader_peek_u8 (&reader);
  if (value.size == 0)
    return EA_SCRIPT_ACTION_NONE;
  if (value.size > 1)
    return EA_SCRIPT_ACTION_OBJECTS;
  if (octet == EA_SCRIPT_ACTION_VALUE_SESSION)
    return EA_SCRIPT_ACTION_SESSION;
  if (octet == EA_SCRIPT_ACTION_VALUE_EARLY_RESPONSE)
    return EA_SCRIPT_ACTION_EARLY_RESPONSE;
  if (octet >= 1 && octet <= EA_SCRIPT_ACTION_RECORD_MAX)
    return EA_SCRIPT_ACTION_RECORD;
  return EA_SCRIPT_ACTION_RESERVED;
}

guint8
ea_script_get_bad_format (int code)
{
  switch ((EaCoreError) code)
    {
    case EA_CORE_ERROR_UNSUPPORTED:
      return EA_SCRIPT_BAD_FORMAT_UNKNOWN_TAG;
    case EA_CORE_ERROR_TRUNCATED:
      return EA_SCRIPT_BAD_FORMAT_LENGTH_NOT_FOUND;
    case EA_CORE_ERROR_MALFORMED:
    case EA_CORE_ERROR_MISSING:
    case EA_CORE_ERROR_SECURITY:
    case EA_CORE_ERROR_REPLAY:
    case EA_CORE_ERROR_LIMIT:
      break;
    }
  return EA_SCRIPT_BAD_FORMAT_WRONG_LENGTH;
}
