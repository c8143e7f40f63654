/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem.h"

/* Messages of the UIM service that reach the card: files, APDUs, logical channels. */
SimQmiError sim_uim_read_transparent (SimRequest *request);
SimQmiError sim_uim_read_record (SimRequest *request);
SimQmiError sim_uim_get_file_attributes (SimRequest *request);
SimQmiError sim_uim_send_apdu (SimRequest *request);
SimQmiError sim_uim_open_logical_channel (SimRequest *request);
SimQmiError sim_uim_logical_channel (SimRequest *request);
