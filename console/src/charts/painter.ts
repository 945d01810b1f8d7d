// Apache ECharts, as much of it as lines and bars need; a script of its own (console/classic_script.ts). Other charts make their own beside it.

import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, BarChart, GridComponent, MarkAreaComponent, MarkLineComponent, CanvasRenderer]);

export { init };
