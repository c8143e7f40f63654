/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Short messages, TS 23.040 §9.2, for the microscope. Each decoder adds to the object that is open, so that
 * a message within a proactive command or an ENVELOPE can be shown in an object of its own.
 */

#include "core/error.h"
#include "core/sms-report.h"
#include "core/sms.h"
#include "ctl/decode.h"

/* What is shown of TP-UD and of what tells how to read it. */
typedef struct
{
  const EaSmsUserData *data;
  guint8 pid;
  guint8 dcs;
  const EaDecodeOptions *options;
} Content;

/* The next octet as a number with its place. */
static guint8
add_octet (EaView *view, const char *name, const char *clause, EaReader *reader)
{
  EaSpan place = ea_reader_bytes (reader, 1);
  EaReader octet;

  ea_reader_init (&octet, place);
  ea_view_at (view, place);
  ea_view_cite (view, clause);
  ea_view_add_number (view, name, ea_reader_peek_u8 (&octet));
  return ea_reader_peek_u8 (&octet);
}

static void
add_address (EaView *view, const char *name, const char *clause, EaSpan place,
             const EaSmsAddress *address)
{
  ea_view_at (view, place);
  ea_view_cite (view, clause);
  ea_view_begin_object (view, name);
  ea_view_add_number (view, "ton", address->ton);
  ea_view_add_number (view, "npi", address->npi);
  ea_view_add_string (view, "digits", address->digits);
  ea_view_end_object (view);
}

/* TP-OA, TP-DA or TP-RA, which was parsed before. */
static void
add_next_address (EaView *view, const char *name, const char *clause, EaReader *reader,
                  const EaSmsAddress *address)
{
  add_address (view, name, clause, ea_reader_bytes (reader, 2u + (address->n_semi_octets + 1u) / 2),
               address);
}

/* ISO 8601 under @name, or the bytes of what is no time under @octets_name. */
static void
add_time (EaView *view, const char *name, const char *octets_name, const char *clause,
          EaSpan timestamp)
{
  g_autofree char *text = NULL;
  EaSmsTime time;

  ea_view_at (view, timestamp);
  ea_view_cite (view, clause);
  if (!ea_sms_parse_time (&time, timestamp, NULL))
    {
      ea_view_add_bytes (view, octets_name, timestamp);
      return;
    }
  text = ea_sms_format_time (&time);
  ea_view_add_string (view, name, text);
}

/* TP-SCTS */
static void
add_timestamp (EaView *view, EaReader *reader)
{
  add_time (view, "timestamp", "timestamp_octets", "TS 23.040 §9.2.3.11",
            ea_reader_bytes (reader, EA_SMS_TIMESTAMP_SIZE));
}

/* Takes the service centre off @item when the caller says that it is there. */
static gboolean
take_smsc (EaView *view, EaSpan *item, const EaDecodeOptions *options, GError **error)
{
  EaSmsAddress address;
  EaSpan smsc;

  if (!options->has_smsc)
    return TRUE;
  if (!ea_sms_split_smsc (*item, &smsc, item, error))
    return FALSE;
  if (smsc.size == 0)
    {
      ea_view_add_null (view, "smsc");
      return TRUE;
    }
  if (!ea_sms_parse_smsc (&address, smsc, error))
    return FALSE;
  add_address (view, "smsc", "TS 24.011 §8.2.5.1", smsc, &address);
  return TRUE;
}

static const char *
get_alphabet_name (EaTextAlphabet alphabet)
{
  switch (alphabet)
    {
    case EA_TEXT_ALPHABET_7BIT:
      return "GSM 7 bit default";
    case EA_TEXT_ALPHABET_8BIT:
      return "8 bit data";
    case EA_TEXT_ALPHABET_UCS2:
      break;
    }
  return "UCS2";
}

static const char *
get_indication_name (EaSmsIndication indication)
{
  switch (indication)
    {
    case EA_SMS_INDICATION_VOICEMAIL:
      return "voicemail message waiting";
    case EA_SMS_INDICATION_FAX:
      return "fax message waiting";
    case EA_SMS_INDICATION_EMAIL:
      return "electronic mail message waiting";
    case EA_SMS_INDICATION_OTHER:
      break;
    }
  return "other message waiting";
}

static void
add_waiting (EaView *view, const EaSmsScheme *scheme)
{
  if (scheme->waiting == EA_SMS_WAITING_NONE)
    return;
  ea_view_cite (view, "TS 23.038 §4");
  ea_view_begin_object (view, "message_waiting");
  ea_view_add_named (view, "indication", scheme->indication,
                     get_indication_name (scheme->indication));
  ea_view_add_boolean (view, "active", scheme->is_active);
  ea_view_add_boolean (view, "store", scheme->waiting == EA_SMS_WAITING_STORE);
  ea_view_end_object (view);
}

/* What TP-DCS means. */
static void
add_scheme (EaView *view, guint8 dcs)
{
  EaSmsScheme scheme = ea_sms_parse_scheme (dcs);

  ea_view_cite (view, "TS 23.038 §4");
  if (scheme.message_class == EA_SMS_CLASS_NONE)
    ea_view_add_null (view, "class");
  else
    ea_view_add_number (view, "class", (guint64) scheme.message_class);
  ea_view_cite (view, "TS 23.038 §4");
  ea_view_add_string (view, "alphabet", get_alphabet_name (scheme.alphabet));
  if (scheme.is_reserved)
    ea_view_add_boolean (view, "coding_group_reserved", TRUE);
  if (scheme.is_compressed)
    ea_view_add_boolean (view, "compressed", TRUE);
  if (scheme.is_deleted_automatically)
    ea_view_add_boolean (view, "automatic_deletion", TRUE);
  add_waiting (view, &scheme);
}

/* TS 23.038 §6.2.1.2.4 */
static const char *
get_language_name (guint8 identifier)
{
  static const char *const names[]
      = { NULL,      "Turkish",   "Spanish", "Portuguese", "Bengali", "Gujarati", "Hindi",
          "Kannada", "Malayalam", "Oriya",   "Punjabi",    "Tamil",   "Telugu",   "Urdu" };

  return identifier < G_N_ELEMENTS (names) ? names[identifier] : NULL;
}

/* The parts of the elements that are of use by themselves; concatenation is shown for the whole header. */
static void
add_element_parts (EaView *view, const EaSmsElement *element)
{
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, element->value);
  switch (element->identifier)
    {
    case EA_SMS_IEI_PORTS_8:
      ea_view_add_number (view, "destination_port", ea_reader_u8 (&reader));
      ea_view_add_number (view, "originator_port", ea_reader_u8 (&reader));
      break;
    case EA_SMS_IEI_PORTS_16:
      ea_view_add_number (view, "destination_port", ea_reader_u16be (&reader));
      ea_view_add_number (view, "originator_port", ea_reader_u16be (&reader));
      break;
    case EA_SMS_IEI_NATIONAL_SINGLE_SHIFT:
    case EA_SMS_IEI_NATIONAL_LOCKING_SHIFT:
      octet = ea_reader_u8 (&reader);
      ea_view_add_named (view, "language", octet, get_language_name (octet));
      break;
    default:
      break;
    }
}

/* Octets that an element must have for its parts to be shown. */
static gsize
get_element_size (guint8 identifier)
{
  switch (identifier)
    {
    case EA_SMS_IEI_PORTS_8:
      return 2;
    case EA_SMS_IEI_PORTS_16:
      return 4;
    case EA_SMS_IEI_NATIONAL_SINGLE_SHIFT:
    case EA_SMS_IEI_NATIONAL_LOCKING_SHIFT:
      return 1;
    default:
      return 0;
    }
}

static void
add_header (EaView *view, EaSpan header)
{
  EaSmsElement element;
  EaReader reader;

  ea_view_at (view, header);
  ea_view_cite (view, "TS 23.040 §9.2.3.24");
  ea_view_begin_list (view, "udh");
  ea_reader_init (&reader, header);
  while (ea_reader_remaining (&reader) > 0)
    {
      EaReader place = reader;

      if (!ea_sms_read_element (&reader, &element, NULL))
        break; /* not in a header that was parsed before */
      ea_view_begin_object (view, NULL);
      ea_view_at (view, ea_reader_bytes (&place, 1));
      ea_view_add_number (view, "iei", element.identifier);
      ea_view_add_string (view, "name", ea_sms_get_element_name (element.identifier));
      ea_view_add_bytes_here (view, "data", element.value);
      if (element.value.size == get_element_size (element.identifier))
        add_element_parts (view, &element);
      ea_view_end_object (view);
    }
  ea_view_end_list (view);
}

static void
add_concatenation (EaView *view, const EaSmsUserData *data)
{
  const EaSmsConcatenation *concatenation = &data->concatenation;

  ea_view_cite (view, concatenation->has_wide_reference ? "TS 23.040 §9.2.3.24.8"
                                                        : "TS 23.040 §9.2.3.24.1");
  if (concatenation->total == 0)
    {
      ea_view_add_null (view, "concatenation");
      return;
    }
  ea_view_begin_object (view, "concatenation");
  ea_view_add_number (view, "reference", concatenation->reference);
  ea_view_add_number (view, "total", concatenation->total);
  ea_view_add_number (view, "index", concatenation->index);
  ea_view_end_object (view);
}

static void
add_secured (EaView *view, EaSmsSecured secured)
{
  ea_view_cite (view, "TS 31.115 §4");
  switch (secured)
    {
    case EA_SMS_SECURED_NONE:
      ea_view_add_null (view, "secured");
      break;
    case EA_SMS_SECURED_COMMAND:
      ea_view_add_string (view, "secured", "command");
      break;
    case EA_SMS_SECURED_RESPONSE:
      ea_view_add_string (view, "secured", "response");
      break;
    }
}

/* Text that can't be read is no reason to show nothing: a segment may end between two surrogates. */
static void
add_text (EaView *view, const Content *content)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!ea_sms_has_text (content->data, content->pid, content->dcs))
    return;
  text = ea_sms_decode_text (content->data, content->dcs, &error);
  ea_view_at (view, content->data->payload);
  ea_view_cite (view, "TS 23.038 §6");
  ea_view_add_string (view, text != NULL ? "text" : "text_error",
                      text != NULL ? text : error->message);
}

/* The secured packet of a message that is not one of several. */
static void
add_packet (EaView *view, const Content *content)
{
  if (content->data->concatenation.total > 1)
    return;
  switch (content->data->secured)
    {
    case EA_SMS_SECURED_NONE:
      break;
    case EA_SMS_SECURED_COMMAND:
      ea_decode_add_nested (view, "packet", ea_decode_command_packet, content->data->payload,
                            content->options);
      break;
    case EA_SMS_SECURED_RESPONSE:
      ea_decode_add_nested (view, "packet", ea_decode_response_packet, content->data->payload,
                            content->options);
      break;
    }
}

/* @reader is at TP-UDL. */
static void
add_user_data (EaView *view, const Content *content, EaReader *reader)
{
  EaReader ahead = *reader;
  EaSpan length = ea_reader_bytes (&ahead, 1);

  (void) add_octet (view, "user_data_length", "TS 23.040 §9.2.3.16", reader);
  if (!ea_sms_length_agrees (content->data, content->dcs))
    {
      ea_view_at (view, length);
      ea_view_cite (view, "TS 23.040 §9.2.3.16");
      ea_view_add_boolean (view, "user_data_length_disagrees", TRUE);
    }
  add_header (view, content->data->header);
  add_concatenation (view, content->data);
  add_secured (view, content->data->secured);
  ea_view_cite (view, "TS 23.040 §9.2.3.24");
  ea_view_add_bytes_here (view, "user_data", content->data->payload);
  add_text (view, content);
  add_packet (view, content);
}

/* TP-PID and TP-DCS. */
static void
add_protocol_and_scheme (EaView *view, EaReader *reader)
{
  (void) add_octet (view, "pid", "TS 23.040 §9.2.3.9", reader);
  add_scheme (view, add_octet (view, "dcs", "TS 23.040 §9.2.3.10", reader));
}

/* A bit of the message's first octet. */
static void
add_flag (EaView *view, const char *name, const char *clause, EaSpan tpdu, gboolean value)
{
  ea_view_at (view, ea_span_head (tpdu, 1));
  ea_view_cite (view, clause);
  ea_view_add_boolean (view, name, value);
}

gboolean
ea_decode_sms_deliver (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaSmsDeliver deliver;
  EaReader reader;

  if (!take_smsc (view, &item, options, error) || !ea_sms_parse_deliver (&deliver, item, error))
    return FALSE;

  ea_reader_init (&reader, item);
  (void) ea_reader_u8 (&reader); /* the flags are in the message */
  add_flag (view, "more_messages", "TS 23.040 §9.2.3.2", item, deliver.has_more_messages);
  add_flag (view, "loop_prevention", "TS 23.040 §9.2.3.28", item, deliver.is_loop_prevented);
  add_flag (view, "status_report", "TS 23.040 §9.2.3.4", item, deliver.wants_status_report);
  add_flag (view, "reply_path", "TS 23.040 §9.2.3.17", item, deliver.has_reply_path);
  add_next_address (view, "originator", "TS 23.040 §9.2.3.7", &reader, &deliver.originator);
  add_protocol_and_scheme (view, &reader);
  add_timestamp (view, &reader);
  add_user_data (view, &(Content){ &deliver.user_data, deliver.pid, deliver.dcs, options },
                 &reader);
  return TRUE;
}

static void
add_enhanced (EaView *view, const EaSmsValidity *validity)
{
  ea_view_add_boolean (view, "single_shot", validity->is_single_shot);
  if (validity->has_period)
    ea_view_add_number (view, "seconds", validity->seconds);
}

static const char *
get_validity_name (EaSmsValidityFormat format)
{
  switch (format)
    {
    case EA_SMS_VALIDITY_RELATIVE:
      return "relative";
    case EA_SMS_VALIDITY_ABSOLUTE:
      return "absolute";
    case EA_SMS_VALIDITY_ENHANCED:
      return "enhanced";
    case EA_SMS_VALIDITY_NONE:
      break;
    }
  return "none";
}

static void
add_validity_value (EaView *view, const EaSmsSubmit *submit)
{
  EaSmsValidity validity;

  if (submit->validity_format == EA_SMS_VALIDITY_ABSOLUTE)
    {
      add_time (view, "end", "end_octets", "TS 23.040 §9.2.3.12.2", submit->validity);
      return;
    }
  if (!ea_sms_parse_validity (&validity, submit->validity, submit->validity_format, NULL))
    {
      ea_view_add_bytes_here (view, "data", submit->validity);
      return;
    }
  switch (validity.format)
    {
    case EA_SMS_VALIDITY_NONE:
    case EA_SMS_VALIDITY_ABSOLUTE:
      break;
    case EA_SMS_VALIDITY_RELATIVE:
      ea_view_add_number (view, "seconds", validity.seconds);
      break;
    case EA_SMS_VALIDITY_ENHANCED:
      add_enhanced (view, &validity);
      break;
    }
}

static void
add_validity (EaView *view, const EaSmsSubmit *submit)
{
  if (submit->validity_format == EA_SMS_VALIDITY_NONE)
    return;
  ea_view_at (view, submit->validity);
  ea_view_cite (view, "TS 23.040 §9.2.3.12");
  ea_view_begin_object (view, "validity");
  ea_view_add_string (view, "format", get_validity_name (submit->validity_format));
  add_validity_value (view, submit);
  ea_view_end_object (view);
}

/* @item was parsed into @submit before. */
static void
add_submit (EaView *view, EaSpan item, const EaSmsSubmit *submit, const EaDecodeOptions *options)
{
  EaReader reader;

  ea_reader_init (&reader, item);
  (void) ea_reader_u8 (&reader); /* the flags are in the message */
  add_flag (view, "reject_duplicates", "TS 23.040 §9.2.3.25", item, submit->rejects_duplicates);
  add_flag (view, "status_report", "TS 23.040 §9.2.3.5", item, submit->wants_status_report);
  add_flag (view, "reply_path", "TS 23.040 §9.2.3.17", item, submit->has_reply_path);
  (void) add_octet (view, "reference", "TS 23.040 §9.2.3.6", &reader);
  add_next_address (view, "destination", "TS 23.040 §9.2.3.8", &reader, &submit->destination);
  add_protocol_and_scheme (view, &reader);
  add_validity (view, submit);
  (void) ea_reader_bytes (&reader, submit->validity.size); /* shown just now */
  add_user_data (view, &(Content){ &submit->user_data, submit->pid, submit->dcs, options },
                 &reader);
}

gboolean
ea_decode_sms_submit (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaSmsSubmit submit;

  if (!take_smsc (view, &item, options, error) || !ea_sms_parse_submit (&submit, item, error))
    return FALSE;
  add_submit (view, item, &submit, options);
  return TRUE;
}

gboolean
ea_decode_unpacked_submit (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error)
{
  EaSmsSubmit submit;

  if (!ea_sms_parse_unpacked_submit (&submit, item, error))
    return FALSE;
  add_submit (view, item, &submit, options);
  return TRUE;
}

/* @reader is at TP-PI. Further octets of it are not shown: nothing is defined for them. */
static void
add_parameters (EaView *view, const EaSmsParameters *parameters, EaReader *reader,
                const EaDecodeOptions *options)
{
  guint8 octet = add_octet (view, "parameter_indicator", "TS 23.040 §9.2.3.27", reader);

  while ((octet & EA_SMS_INDICATOR_EXTENDED) != 0)
    octet = ea_reader_u8 (reader);
  if (parameters->has_pid)
    (void) add_octet (view, "pid", "TS 23.040 §9.2.3.9", reader);
  if (parameters->has_dcs)
    add_scheme (view, add_octet (view, "dcs", "TS 23.040 §9.2.3.10", reader));
  if (parameters->has_user_data)
    add_user_data (view,
                   &(Content){ &parameters->user_data, parameters->pid, parameters->dcs, options },
                   reader);
}

gboolean
ea_decode_sms_deliver_report (EaView *view, EaSpan item, const EaDecodeOptions *options,
                              GError **error)
{
  EaSmsDeliverReport report;
  EaReader reader;

  if (!take_smsc (view, &item, options, error)
      || !ea_sms_parse_deliver_report (&report, item, error))
    return FALSE;

  ea_reader_init (&reader, item);
  (void) ea_reader_u8 (&reader); /* the flags are in the report */
  ea_view_cite (view, "TS 23.040 §9.2.2.1a");
  ea_view_add_string (view, "form", report.is_error ? "RP-ERROR" : "RP-ACK");
  if (report.is_error)
    {
      ea_view_at (view, ea_reader_bytes (&reader, 1));
      ea_view_cite (view, "TS 23.040 §9.2.3.22");
      ea_view_add_named (view, "cause", report.cause, ea_sms_get_failure_cause_name (report.cause));
    }
  add_parameters (view, &report.parameters, &reader, options);
  return TRUE;
}

gboolean
ea_decode_sms_status_report (EaView *view, EaSpan item, const EaDecodeOptions *options,
                             GError **error)
{
  EaSmsStatusReport report;
  EaReader reader;

  if (!take_smsc (view, &item, options, error)
      || !ea_sms_parse_status_report (&report, item, error))
    return FALSE;

  ea_reader_init (&reader, item);
  (void) ea_reader_u8 (&reader); /* the flags are in the report */
  add_flag (view, "more_messages", "TS 23.040 §9.2.3.2", item, report.has_more_messages);
  add_flag (view, "loop_prevention", "TS 23.040 §9.2.3.28", item, report.is_loop_prevented);
  ea_view_at (view, ea_span_head (item, 1));
  ea_view_cite (view, "TS 23.040 §9.2.3.26");
  ea_view_add_string (view, "result_of", report.is_of_command ? "SMS-COMMAND" : "SMS-SUBMIT");
  (void) add_octet (view, "reference", "TS 23.040 §9.2.3.6", &reader);
  add_next_address (view, "recipient", "TS 23.040 §9.2.3.14", &reader, &report.recipient);
  add_timestamp (view, &reader);
  add_time (view, "discharge_time", "discharge_time_octets", "TS 23.040 §9.2.3.13",
            ea_reader_bytes (&reader, EA_SMS_TIMESTAMP_SIZE));
  ea_view_at (view, ea_reader_bytes (&reader, 1));
  ea_view_cite (view, "TS 23.040 §9.2.3.15");
  ea_view_add_named (view, "status", report.status, ea_sms_get_status_name (report.status));
  if (report.has_parameters)
    add_parameters (view, &report.parameters, &reader, options);
  return TRUE;
}
