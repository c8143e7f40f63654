/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/apdu.h"
#include "core/bytes.h"

/*
 * Remote command scripts and their responses in the formats of TS 102 226 §5: compact (§5.1, APDUs behind
 * each other) and expanded (§5.2, TLVs in a template of definite or indefinite length), whole or in
 * pieces, and the writer of both. The TLVs of SCP03t (SGP.02 §4.1.3.3) are carried and never opened.
 */

/* Bytes of the largest single object. A reader in pieces needs no more memory than for one of them. */
#define EA_SCRIPT_VALUE_MAX 0xFFFF

/* Objects in one script: enough for a profile of 16 MiB in commands of 255 bytes. */
#define EA_SCRIPT_OBJECTS_MAX 0xFFFF

/* Bytes of a script that a writer has to keep to its end, because its length comes first. */
#define EA_SCRIPT_BODY_MAX 0xFFFF

/* Commands that a compact response can count, in one octet: §5.1.2 */
#define EA_SCRIPT_COMPACT_EXECUTED_MAX 0xFF

/* Templates, TS 101 220 table 7.18: commands and responses of definite and indefinite length */
#define EA_SCRIPT_TAG_COMMANDS 0xAA
#define EA_SCRIPT_TAG_COMMANDS_INDEFINITE 0xAE
#define EA_SCRIPT_TAG_RESPONSES 0xAB
#define EA_SCRIPT_TAG_RESPONSES_INDEFINITE 0xAF

/* Objects in the templates, TS 101 220 tables 7.19 and 7.20 */
#define EA_SCRIPT_TAG_COMMAND_APDU 0x22
#define EA_SCRIPT_TAG_RESPONSE_APDU 0x23
#define EA_SCRIPT_TAG_EXECUTED 0x80
#define EA_SCRIPT_TAG_IMMEDIATE_ACTION 0x81
#define EA_SCRIPT_TAG_ERROR_ACTION 0x82
#define EA_SCRIPT_TAG_CHAINING 0x83
#define EA_SCRIPT_TAG_BAD_FORMAT 0x90

/* C-APDU and R-APDU are also read with the comprehension bit of TS 101 220 §7.1.1: A2 and A3. */
#define EA_SCRIPT_TAG_COMPREHENSION_REQUIRED 0x80

typedef enum
{
  EA_SCRIPT_DIRECTION_COMMANDS,
  EA_SCRIPT_DIRECTION_RESPONSES,
} EaScriptDirection;

typedef enum
{
  EA_SCRIPT_FORMAT_COMPACT,
  EA_SCRIPT_FORMAT_DEFINITE,
  EA_SCRIPT_FORMAT_INDEFINITE,
} EaScriptFormat;

/**
 * EaScriptObjectType:
 * @EA_SCRIPT_OBJECT_APDU: 22 C-APDU or 23 R-APDU; a command of a compact script
 * @EA_SCRIPT_OBJECT_IMMEDIATE_ACTION: 81, or the response to it
 * @EA_SCRIPT_OBJECT_ERROR_ACTION: 82, commands only
 * @EA_SCRIPT_OBJECT_CHAINING: 83, or the response to it
 * @EA_SCRIPT_OBJECT_EXECUTED: 80, number of executed command TLVs, responses only
 * @EA_SCRIPT_OBJECT_BAD_FORMAT: 90, responses only
 * @EA_SCRIPT_OBJECT_SCP03T: 84 to 88, in responses also 9F44 to 9F48 or 9F84 to 9F88: sealed
 */
typedef enum
{
  EA_SCRIPT_OBJECT_APDU,
  EA_SCRIPT_OBJECT_IMMEDIATE_ACTION,
  EA_SCRIPT_OBJECT_ERROR_ACTION,
  EA_SCRIPT_OBJECT_CHAINING,
  EA_SCRIPT_OBJECT_EXECUTED,
  EA_SCRIPT_OBJECT_BAD_FORMAT,
  EA_SCRIPT_OBJECT_SCP03T,
} EaScriptObjectType;

/**
 * EaScriptObject:
 * @tag: 0 in a compact script
 * @value: of an APDU the APDU; checked as far as its type says, see ea_script_cursor_next()
 * @object: the value with its tag and length
 *
 * One command or response. Spans borrow from the script, or from the reader in pieces.
 */
typedef struct
{
  EaScriptObjectType type;
  guint32 tag;
  EaSpan value;
  EaSpan object;
} EaScriptObject;

/**
 * EaScriptCursor:
 *
 * Goes through the objects of a script, which it checks. Its members are its own.
 */
typedef struct
{
  EaScriptDirection direction;
  EaScriptFormat format;
  EaReader reader;
  guint n_objects;
  gboolean has_commands;
} EaScriptCursor;

/**
 * EaScript:
 * @objects: the commands, for ea_script_cursor_init(); borrowed
 */
typedef struct
{
  EaScriptFormat format;
  EaSpan objects;
  guint n_objects;
} EaScript;

/**
 * EaScriptResponse:
 * @has_executed: FALSE for indefinite length, which does not tell the number (TS 102 226 table 5.10a)
 * @executed: how many commands were executed
 * @objects: expanded formats only: the responses, @executed among them, for ea_script_cursor_init()
 * @last: compact format only: response of the last command
 */
typedef struct
{
  EaScriptFormat format;
  gboolean has_executed;
  guint32 executed;
  EaSpan objects;
  guint n_objects;
  EaApduResponse last;
} EaScriptResponse;

/**
 * ea_script_parse:
 * @out: (out): untouched on failure
 * @script: a whole command script; its first octet tells the format: AA, AE, or the class of an APDU
 *
 * In a compact script each command is CLA INS P1 P2 P3 and P3 bytes of data; only of the last command P3 may
 * be Le without data, or may be missing, or may Le come after the data (§5.1.1).
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (lengths that contradict each other, an extended APDU, an object
 * in the wrong place, bytes after the end), _UNSUPPORTED (a response script, an unknown tag), _LIMIT.
 */
gboolean ea_script_parse (EaScript *out, EaSpan script, GError **error);

/**
 * ea_script_parse_response:
 * @out: (out): untouched on failure
 * @script: a whole response script: AB, AF, or compact: number, status word, data (§5.1.2)
 *
 * Errors: as ea_script_parse(); EA_CORE_ERROR_MISSING (no number of executed commands where one belongs).
 */
gboolean ea_script_parse_response (EaScriptResponse *out, EaSpan script, GError **error);

/* @objects as in EaScript or EaScriptResponse; for a compact format only of commands. */
void ea_script_cursor_init (EaScriptCursor *cursor, EaScriptDirection direction,
                            EaScriptFormat format, EaSpan objects);

/* TRUE while there are objects to come. */
gboolean ea_script_cursor_has_next (const EaScriptCursor *cursor);

/**
 * ea_script_cursor_next:
 * @out: (out): untouched on failure
 *
 * The next object. An APDU has been checked; an action is one octet or readable COMPREHENSION-TLVs, an error
 * action may also be empty; chaining and bad format are one octet. Cannot fail on what ea_script_parse() gave.
 *
 * Errors: as ea_script_parse().
 */
gboolean ea_script_cursor_next (EaScriptCursor *cursor, EaScriptObject *out, GError **error);

/**
 * ea_script_parse_sealed_response:
 * @out: (out): untouched on failure
 *
 * Returns: TRUE when @response is one SCP03t object of a response and nothing else; what is in it is not looked at
 */
gboolean ea_script_parse_sealed_response (EaScriptObject *out, EaSpan response);

/* TRUE when the SCP03t object with @tag in a response reports an error. */
gboolean ea_script_is_sealed_error (guint32 tag);

/* The number in an object of EA_SCRIPT_OBJECT_EXECUTED. */
guint32 ea_script_get_executed (const EaScriptObject *object);

/**
 * EaScriptAction:
 * @EA_SCRIPT_ACTION_NONE: empty error action: no action
 * @EA_SCRIPT_ACTION_RECORD: 01 to 7F: the proactive command in that record of EF_RMA
 * @EA_SCRIPT_ACTION_SESSION: 81: proactive session indication
 * @EA_SCRIPT_ACTION_EARLY_RESPONSE: 82: early response
 * @EA_SCRIPT_ACTION_OBJECTS: the COMPREHENSION-TLVs of a proactive command
 * @EA_SCRIPT_ACTION_RESERVED: an octet that has no meaning
 *
 * What an immediate or error action asks for, TS 102 226 §5.2.1.2 and §5.2.1.3.
 */
typedef enum
{
  EA_SCRIPT_ACTION_NONE,
  EA_SCRIPT_ACTION_RECORD,
  EA_SCRIPT_ACTION_SESSION,
  EA_SCRIPT_ACTION_EARLY_RESPONSE,
  EA_SCRIPT_ACTION_OBJECTS,
  EA_SCRIPT_ACTION_RESERVED,
} EaScriptAction;

EaScriptAction ea_script_get_action (EaSpan value);

/* Words of the standard for people; %NULL for values that it does not have. */
const char *ea_script_get_tag_name (EaScriptDirection direction, guint32 tag);
const char *ea_script_get_action_name (EaScriptAction action);
const char *ea_script_get_action_response_name (guint8 value);
const char *ea_script_get_chaining_name (guint8 value);
const char *ea_script_get_chaining_response_name (guint8 value);
const char *ea_script_get_bad_format_name (guint8 value);

/* Immediate and error actions of one octet, §5.2.1.2 */
#define EA_SCRIPT_ACTION_RECORD_MAX 0x7F
#define EA_SCRIPT_ACTION_VALUE_SESSION 0x81
#define EA_SCRIPT_ACTION_VALUE_EARLY_RESPONSE 0x82

/* The answer to an immediate action that could not be carried out, table 5.14 */
#define EA_SCRIPT_ACTION_SUSPENSION_ERROR 0x01

/* Script chaining, §5.2.1.4: the first script, which is forgotten or kept when the card is reset, and those after it */
#define EA_SCRIPT_CHAINING_FIRST 0x01
#define EA_SCRIPT_CHAINING_FIRST_KEPT 0x11
#define EA_SCRIPT_CHAINING_MORE 0x02
#define EA_SCRIPT_CHAINING_LAST 0x03

/* The answer to script chaining that is refused, table 5.16 */
#define EA_SCRIPT_CHAINING_NO_PREVIOUS 0x01
#define EA_SCRIPT_CHAINING_NOT_SUPPORTED 0x02
#define EA_SCRIPT_CHAINING_UNABLE 0x03

/* What a script answers in a bad format TLV when it could not be read (§5.2.2, table 5.12). */
#define EA_SCRIPT_BAD_FORMAT_UNKNOWN_TAG 0x01
#define EA_SCRIPT_BAD_FORMAT_WRONG_LENGTH 0x02
#define EA_SCRIPT_BAD_FORMAT_LENGTH_NOT_FOUND 0x03

/* The value of the bad format TLV for the @code of an error of this module. */
guint8 ea_script_get_bad_format (int code);

/**
 * EaScriptReader:
 *
 * Reads a command script as it arrives. Its members are its own. Clear it with ea_script_reader_clear().
 */
typedef struct
{
  EaScriptCursor cursor;
  GByteArray *pending;
  gsize object_size;
  gsize remaining;
  guint64 n_taken;
  gboolean leaves_rest;
  guint8 phase;
} EaScriptReader;

void ea_script_reader_init (EaScriptReader *reader);
void ea_script_reader_clear (EaScriptReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaScriptReader, ea_script_reader_clear)

/* What comes after the end of an expanded script is not taken, and no error. */
void ea_script_reader_leave_rest (EaScriptReader *reader);

/**
 * ea_script_reader_feed:
 * @data: (inout): the next piece, of any size; gets what was not taken
 *
 * Takes bytes until an object is complete or @data is empty. So it is called, and ea_script_reader_pull()
 * after it, until @data is empty or, with ea_script_reader_leave_rest(), ea_script_reader_is_at_end(). Never more than
 * one object is kept.
 *
 * Errors: as ea_script_parse(); the script is over then. An error's position lies in no buffer of the caller;
 * where the script ends the wrong way, its words tell the offset.
 */
gboolean ea_script_reader_feed (EaScriptReader *reader, EaSpan *data, GError **error);

/**
 * ea_script_reader_end:
 *
 * Says that no more bytes come. That completes the last command of a compact script, so pull once more.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (in the middle of a script), and as ea_script_parse().
 */
gboolean ea_script_reader_end (EaScriptReader *reader, GError **error);

/* TRUE when an object is complete; @out lives until the next call of another function of the reader. */
gboolean ea_script_reader_pull (EaScriptReader *reader, EaScriptObject *out);

/* TRUE when the object that was pulled last was the last of an expanded script. */
gboolean ea_script_reader_is_at_end (const EaScriptReader *reader);

/* TRUE once the first bytes told the format. */
gboolean ea_script_reader_get_format (const EaScriptReader *reader, EaScriptFormat *format);

/**
 * EaScriptWriter:
 *
 * Writes a script. Its members are its own. Clear it with ea_script_writer_clear().
 */
typedef struct
{
  EaScriptDirection direction;
  EaScriptFormat format;
  EaWriter body;
  guint n_commands;
  gsize last_command;
  guint bad_command;
  gboolean is_open;
  gboolean is_finished;
} EaScriptWriter;

void ea_script_writer_init (EaScriptWriter *writer, EaScriptDirection direction,
                            EaScriptFormat format);
void ea_script_writer_clear (EaScriptWriter *writer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaScriptWriter, ea_script_writer_clear)

/* Adds an object. A compact script has commands only, and of responses keeps the last: @value is an APDU then. To a
 * command without P3 that is not the last, P3 00 is added (TS 102 226 §5.1.1). */
void ea_script_writer_add (EaScriptWriter *writer, guint32 tag, EaSpan value);

/* Adds an object as it stands, with its tag and length; not to a compact script. */
void ea_script_writer_add_object (EaScriptWriter *writer, EaSpan object);

/* Adds an R-APDU. */
void ea_script_writer_add_response (EaScriptWriter *writer, EaSpan data, guint16 sw);

/* Bytes that are kept until they can go out: objects, in compact format the last R-APDU. */
gsize ea_script_writer_get_size (const EaScriptWriter *writer);

/**
 * ea_script_writer_finish:
 * @executed: number of executed commands; only responses of compact format and definite length tell it
 *
 * Errors: EA_CORE_ERROR_LIMIT (over %EA_SCRIPT_BODY_MAX bytes, or 255 commands in compact format), _MISSING
 * (a compact response without a status word), _MALFORMED (a compact script in which another command than the
 * last has Le, or is no APDU).
 */
gboolean ea_script_writer_finish (EaScriptWriter *writer, guint32 executed, GError **error);

/* (transfer full) (nullable): bytes that can go out now; %NULL when there are none. Only indefinite length has
 * any before ea_script_writer_finish(). */
GBytes *ea_script_writer_pull (EaScriptWriter *writer);

/**
 * ea_script_frame_response:
 * @response: a whole response script of indefinite length
 * @format: that it shall have
 * @head: (out caller-allocates): initialised; gets what comes first, which is not in @response
 * @rest: (out): what comes then, borrowed from @response; untouched on failure
 *
 * Makes a response of another format without a copy of it. Of a compact one it takes the last R-APDU.
 *
 * Errors: as ea_script_parse_response(); EA_CORE_ERROR_LIMIT, _MISSING as ea_script_writer_finish().
 */
gboolean ea_script_frame_response (EaSpan response, EaScriptFormat format, EaWriter *head,
                                   EaSpan *rest, GError **error);
