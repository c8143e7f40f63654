/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem.h"
#include "network.h"

/* Messages of the WMS service that work on the message store. */
SimQmiError sim_wms_raw_write (SimRequest *request);
SimQmiError sim_wms_raw_read (SimRequest *request);
SimQmiError sim_wms_modify_tag (SimRequest *request);
SimQmiError sim_wms_delete (SimRequest *request);
SimQmiError sim_wms_list_messages (SimRequest *request);
