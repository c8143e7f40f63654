/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The standard's words for numbers in short messages, TS 23.040 §9.2.3. */

#include "core/sms-report.h"
#include "core/sms-user-data.h"

/* Names for the numbers up to and with @last, from after the entry before it; NULL for none. */
typedef struct
{
  guint8 last;
  const char *name;
} Name;

/* §9.2.3.24, with TS 31.115 §4 */
static const Name element_names[] = {
  { 0x00, "concatenated short messages, 8-bit reference number" },
  { 0x01, "special SMS message indication" },
  { 0x02, "reserved" },
  { 0x03, "value not used" },
  { 0x04, "application port addressing scheme, 8-bit address" },
  { 0x05, "application port addressing scheme, 16-bit address" },
  { 0x06, "SMSC control parameters" },
  { 0x07, "UDH source indicator" },
  { 0x08, "concatenated short messages, 16-bit reference number" },
  { 0x09, "wireless control message protocol" },
  { 0x0A, "text formatting" },
  { 0x0B, "predefined sound" },
  { 0x0C, "user defined sound" },
  { 0x0D, "predefined animation" },
  { 0x0E, "large animation" },
  { 0x0F, "small animation" },
  { 0x10, "large picture" },
  { 0x11, "small picture" },
  { 0x12, "variable picture" },
  { 0x13, "user prompt indicator" },
  { 0x14, "extended object" },
  { 0x15, "reused extended object" },
  { 0x16, "compression control" },
  { 0x17, "object distribution indicator" },
  { 0x18, "standard WVG object" },
  { 0x19, "character size WVG object" },
  { 0x1A, "extended object data request command" },
  { 0x1F, "reserved for EMS features" },
  { 0x20, "RFC 5322 e-mail header" },
  { 0x21, "hyperlink format element" },
  { 0x22, "reply address element" },
  { 0x23, "enhanced voice mail information" },
  { 0x24, "national language single shift" },
  { 0x25, "national language locking shift" },
  { 0x6F, "reserved" },
  { 0x70, "command packet identifier" },
  { 0x71, "response packet identifier" },
  { 0x7F, "reserved for (U)SIM toolkit security headers" },
  { 0x9F, "SME to SME specific use" },
  { 0xBF, "reserved" },
  { 0xDF, "SC specific use" },
  { 0xFF, "reserved" },
};

/* §9.2.3.22 */
static const Name failure_cause_names[] = {
  { 0x7F, NULL },
  { 0x80, "telematic interworking not supported" },
  { 0x81, "short message type 0 not supported" },
  { 0x82, "cannot replace short message" },
  { 0x8E, NULL },
  { 0x8F, "unspecified TP-PID error" },
  { 0x90, "data coding scheme (alphabet) not supported" },
  { 0x91, "message class not supported" },
  { 0x9E, NULL },
  { 0x9F, "unspecified TP-DCS error" },
  { 0xA0, "command cannot be actioned" },
  { 0xA1, "command unsupported" },
  { 0xAE, NULL },
  { 0xAF, "unspecified TP-Command error" },
  { 0xB0, "TPDU not supported" },
  { 0xBF, NULL },
  { 0xC0, "SC busy" },
  { 0xC1, "no SC subscription" },
  { 0xC2, "SC system failure" },
  { 0xC3, "invalid SME address" },
  { 0xC4, "destination SME barred" },
  { 0xC5, "SM rejected-duplicate SM" },
  { 0xC6, "TP-VPF not supported" },
  { 0xC7, "TP-VP not supported" },
  { 0xCF, NULL },
  { 0xD0, "(U)SIM SMS storage full" },
  { 0xD1, "no SMS storage capability in (U)SIM" },
  { 0xD2, "error in MS" },
  { 0xD3, "memory capacity exceeded" },
  { 0xD4, "(U)SIM application toolkit busy" },
  { 0xD5, "(U)SIM data download error" },
  { 0xDF, NULL },
  { 0xFE, "value specific to an application" },
  { 0xFF, "unspecified error cause" },
};

/* §9.2.3.15 */
static const Name status_names[] = {
  { 0x00, "short message received by the SME" },
  { 0x01, "short message forwarded by the SC to the SME, but delivery not confirmed" },
  { 0x02, "short message replaced by the SC" },
  { 0x0F, NULL },
  { 0x1F, "value specific to the SC" },
  { 0x20, "congestion, still trying" },
  { 0x21, "SME busy, still trying" },
  { 0x22, "no response from SME, still trying" },
  { 0x23, "service rejected, still trying" },
  { 0x24, "quality of service not available, still trying" },
  { 0x25, "error in SME, still trying" },
  { 0x2F, NULL },
  { 0x3F, "value specific to the SC" },
  { 0x40, "remote procedure error" },
  { 0x41, "incompatible destination" },
  { 0x42, "connection rejected by SME" },
  { 0x43, "not obtainable" },
  { 0x44, "quality of service not available" },
  { 0x45, "no interworking available" },
  { 0x46, "SM validity period expired" },
  { 0x47, "SM deleted by originating SME" },
  { 0x48, "SM deleted by SC administration" },
  { 0x49, "SM does not exist" },
  { 0x4F, NULL },
  { 0x5F, "value specific to the SC" },
  { 0x60, "congestion" },
  { 0x61, "SME busy" },
  { 0x62, "no response from SME" },
  { 0x63, "service rejected" },
  { 0x64, "quality of service not available" },
  { 0x65, "error in SME" },
  { 0x6F, NULL },
  { 0x7F, "value specific to the SC" },
  { 0xFF, NULL },
};

/* §9.2.3.19 */
static const Name command_names[] = {
  { 0x00, "enquiry relating to previously submitted short message" },
  { 0x01, "cancel status report request relating to previously submitted short message" },
  { 0x02, "delete previously submitted short message" },
  { 0x03, "enable status report request relating to previously submitted short message" },
  { 0xDF, NULL },
  { 0xFF, "value specific for each SC" },
};

/* The last entry of each list is FF. */
static const char *
find_name (const Name *names, guint8 number)
{
  while (names->last < number)
    names++;
  return names->name;
}

const char *
ea_sms_get_element_name (guint8 identifier)
{
  return find_name (element_names, identifier);
}

const char *
ea_sms_get_failure_cause_name (guint8 cause)
{
  return find_name (failure_cause_names, cause);
}

const char *
ea_sms_get_status_name (guint8 status)
{
  return find_name (status_names, status);
}

const char *
ea_sms_get_command_name (guint8 type)
{
  return find_name (command_names, type);
}
