/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/keys.h"
#include "ctl/format.h"
#include "ctl/view.h"

/* `euiccctl decode`: the protocol microscope. It needs no daemon and no bus. */

/* The framing of a secured packet (sms, cat-tp) or of data objects (ber, comprehension): chosen by what
 * fits, or forced by --form. */
typedef enum
{
  EA_DECODE_FORM_AUTO,
  EA_DECODE_FORM_SMS,
  EA_DECODE_FORM_CAT_TP,
  EA_DECODE_FORM_BER,
  EA_DECODE_FORM_COMPREHENSION,
} EaDecodeForm;

/**
 * EaDecodeOptions:
 * @keys: (nullable): the key file of --key-file
 * @has_smsc: --smsc: an SMSC address comes before a TPDU
 */
typedef struct
{
  EaDecodeForm form;
  const EaKeys *keys;
  gboolean has_smsc;
} EaDecodeOptions;

/**
 * EaDecodeFunc:
 * @item: one item; it lives as long as the view
 *
 * Adds what @item says to @view, where an object is open and has its "kind". On failure what was added is
 * thrown away, and @error's position tells the offset (ea_core_error_set()).
 */
typedef gboolean (*EaDecodeFunc) (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                  GError **error);

/**
 * ea_decode_add_nested:
 * @name: static
 * @item: what may be an item of another kind, which lies in this one or was deciphered from it
 *
 * Adds @item as an object, or nothing when it can't be decoded: its bytes are shown in any case.
 *
 * Returns: TRUE when it was added
 */
gboolean ea_decode_try_nested (EaView *view, const char *name, EaDecodeFunc decode, EaSpan item,
                               const EaDecodeOptions *options);

/* The same for what says itself that it is of that kind: when it can't be decoded, its error is added. */
void ea_decode_add_nested (EaView *view, const char *name, EaDecodeFunc decode, EaSpan item,
                           const EaDecodeOptions *options);

/* What secured data begin with tells what they are: a script, its response, a trigger, a notification. Others,
 * compact scripts among them, are not guessed at. */
void ea_decode_add_secured_data (EaView *view, EaSpan data, const EaDecodeOptions *options);

/* One function for each KIND, by the name of its noun; the table is in decode.c. */
gboolean ea_decode_proactive (EaView *view, EaSpan item, const EaDecodeOptions *options,
                              GError **error);
gboolean ea_decode_terminal_response (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                      GError **error);
gboolean ea_decode_envelope (EaView *view, EaSpan item, const EaDecodeOptions *options,
                             GError **error);
gboolean ea_decode_terminal_profile (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                     GError **error);
gboolean ea_decode_sms_deliver (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                GError **error);
gboolean ea_decode_sms_submit (EaView *view, EaSpan item, const EaDecodeOptions *options,
                               GError **error);

/* An SMS-SUBMIT within SEND SHORT MESSAGE whose text the terminal is to pack; no kind of its own. */
gboolean ea_decode_unpacked_submit (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                    GError **error);

gboolean ea_decode_sms_deliver_report (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                       GError **error);
gboolean ea_decode_sms_status_report (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                      GError **error);
gboolean ea_decode_command_packet (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                   GError **error);
gboolean ea_decode_response_packet (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                    GError **error);
gboolean ea_decode_script (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error);
gboolean ea_decode_script_response (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                    GError **error);
gboolean ea_decode_push (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error);
gboolean ea_decode_session_trigger (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                    GError **error);
gboolean ea_decode_cat_tp (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error);
gboolean ea_decode_psk_identity (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                 GError **error);
gboolean ea_decode_notification (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                 GError **error);
gboolean ea_decode_http_request (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                 GError **error);
gboolean ea_decode_http_response (EaView *view, EaSpan item, const EaDecodeOptions *options,
                                  GError **error);
gboolean ea_decode_tlv (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error);

/* The decoder of @kind, of which @name gets the canonical word; %NULL when there is no such kind. */
EaDecodeFunc ea_decode_find (const char *kind, const char **name);

/* (transfer full): a line for each kind: its name, blanks, and what it is. */
char *ea_decode_describe_kinds (void);

/* The word of --form; FALSE when there is no such form. */
gboolean ea_decode_parse_form (const char *word, EaDecodeForm *form);

/**
 * EaDecoder:
 *
 * Decodes items of one kind, one after the other, with the same memory.
 */
typedef struct
{
  const char *kind;
  EaDecodeFunc decode;
  const EaDecodeOptions *options;
  EaReportFormat format;
  gboolean is_coloured;
  EaView *view;
  GString *out;
} EaDecoder;

/* @kind must exist. */
void ea_decoder_init (EaDecoder *decoder, const char *kind, const EaDecodeOptions *options,
                      EaReportFormat format);
void ea_decoder_clear (EaDecoder *decoder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaDecoder, ea_decoder_clear)

/**
 * ea_decoder_run:
 * @hex: one item, @size characters and a NUL
 *
 * Leaves what is to be printed in @decoder->out: the item, or its error.
 *
 * Returns: FALSE when the item could not be decoded
 */
gboolean ea_decoder_run (EaDecoder *decoder, const char *hex, gsize size);
